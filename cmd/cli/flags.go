package cli

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// parse is f.Parse for flags that may stand behind operands too; what follows "--" is operands.
func parse(f *flag.FlagSet, args []string) (operands []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		rest := f.Args()
		if n := len(args) - len(rest); len(rest) == 0 || n > 0 && args[n-1] == "--" {
			return append(operands, rest...), nil
		}
		operands, args = append(operands, rest[0]), rest[1:]
	}
}

// words is a flag that may be given several times.
type words []string

func (w *words) String() string     { return strings.Join(*w, " ") }
func (w *words) Set(s string) error { *w = append(*w, s); return nil }

func writeHelp(w io.Writer) {
	fmt.Fprint(w, "ctrlab trains feature-interaction models, compares them, and reports what it found.\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  ctrlab %-16s %s\n", c.name+" "+c.args, c.about)
	}
	fmt.Fprint(w, "\nctrlab help COMMAND tells its flags.\n"+
		"Exit status: 0 done, 1 something failed, 2 wrong use or input, 3 trouble with the machine, 130 interrupted.\n")
}

func (c command) writeHelp(w io.Writer, f *flag.FlagSet) {
	fmt.Fprintf(w, "ctrlab %s %s\n\n%s.\n", c.name, c.args, strings.ToUpper(c.about[:1])+c.about[1:])
	first := true
	f.VisitAll(func(g *flag.Flag) {
		if first {
			fmt.Fprintln(w)
			first = false
		}
		value, about := flag.UnquoteUsage(g)
		if g.DefValue != "" && g.DefValue != "false" && g.DefValue != "0" {
			about += fmt.Sprintf(" (%s)", g.DefValue)
		}
		fmt.Fprintf(w, "  %-18s %s\n", strings.TrimSpace("--"+g.Name+" "+value), about)
	})
}
