package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ctrlab/internal/strict"
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

// count is a flag of 1 or more; where it is not given, it may be another number.
type count int

func (c *count) String() string { return strconv.Itoa(int(*c)) }

// Set implements flag.Value.
func (c *count) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return errors.New("want 1 or more")
	}
	*c = count(n)
	return nil
}

// interval is a flag of a time, as 5m, or of a number of steps.
type interval struct {
	every time.Duration
	steps int
}

func (i *interval) String() string {
	if i.steps > 0 {
		return strconv.Itoa(i.steps)
	}
	return strings.TrimSuffix(i.every.String(), "0s")
}

// Set implements flag.Value.
func (i *interval) Set(s string) error {
	*i = interval{}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		i.steps = n
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return errors.New("want a time as 5m, or a number of steps")
	}
	i.every = d
	return nil
}

// The errors of package flag, which has no types for them.
var (
	unknownFlag = regexp.MustCompile(`^flag provided but not defined: -(.*)$`)
	noValue     = regexp.MustCompile(`^flag needs an argument: -(.*)$`)
	badValue    = regexp.MustCompile(`(?s)^invalid (?:boolean )?value (".*") for (?:flag )?-([^:]*): (.*)$`)
)

// misuse says in our words what package flag found wrong.
func (c command) misuse(f *flag.FlagSet, err error) error {
	text := err.Error()
	if m := unknownFlag.FindStringSubmatch(text); m != nil {
		var names []string
		f.VisitAll(func(g *flag.Flag) { names = append(names, g.Name) })
		if near := strict.Nearest(m[1], names); near != "" {
			return usage("--%s is no flag of %s; did you mean --%s?", m[1], c.name, near)
		}
		return usage("--%s is no flag of %s; see ctrlab help %s", m[1], c.name, c.name)
	}
	if m := noValue.FindStringSubmatch(text); m != nil {
		return usage("--%s wants a value; see ctrlab help %s", m[1], c.name)
	}
	if m := badValue.FindStringSubmatch(text); m != nil {
		about := strings.NewReplacer("parse error", "which cannot be read", "value out of range", "which is out of range").Replace(m[3])
		return usage("--%s is %s, %s", m[2], m[1], about)
	}
	return usage("%s: %w; see ctrlab help %s", c.name, err, c.name)
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func writeHelp(w io.Writer, commands []command) {
	fmt.Fprint(w, "ctrlab trains feature-interaction models, compares them, and reports.\n\n")
	fmt.Fprint(w, indented(usages(commands))+"\nctrlab help COMMAND tells its flags; ctrlab version, which build this is.\n"+
		"Exit status: 0 done, 1 something failed, 2 wrong use or input, 3 trouble with\nthe machine, 4 nothing decided, 130 interrupted.\n")
}

// usages are how commands are called, and what they do.
func usages(commands []command) []string {
	var rows [][]string
	for _, c := range commands {
		rows = append(rows, []string{strings.TrimSpace("ctrlab " + c.name + " " + c.args), c.about})
	}
	return layout(rows, lineWidth-2)
}

func (c command) writeHelp(w io.Writer, f *flag.FlagSet) {
	about := wrap(strings.ToUpper(c.about[:1])+c.about[1:]+".", lineWidth)
	fmt.Fprintf(w, "%s\n\n%s\n", strings.TrimSpace("ctrlab "+c.name+" "+c.args), strings.Join(about, "\n"))
	var rows [][]string
	f.VisitAll(func(g *flag.Flag) {
		value, about := flag.UnquoteUsage(g)
		if g.DefValue != "" && g.DefValue != "false" && g.DefValue != "0" {
			about += fmt.Sprintf(" (%s)", g.DefValue)
		}
		rows = append(rows, []string{strings.TrimSpace("--" + g.Name + " " + value), about})
	})
	if rows != nil {
		fmt.Fprint(w, "\n"+indented(layout(rows, lineWidth-2)))
	}
	if c.sub != nil {
		fmt.Fprint(w, "\n"+indented(usages(c.sub)))
	}
}
