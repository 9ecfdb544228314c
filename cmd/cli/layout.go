package cli

import (
	"slices"
	"strings"

	"ctrlab/report"
)

// layout puts rows into columns, two spaces apart. Where they are wider than width, which 0 is not, the widest columns are
// made narrow, and their cells broken into lines. It returns the text of each row, its line feeds in it.
func layout(rows [][]string, width int) []string {
	widths := natural(rows)
	if width > 0 {
		squeeze(widths, width-2*(len(widths)-1))
	}
	var out []string
	for _, row := range rows {
		cells, height := make([][]string, len(row)), 1
		for i, text := range row {
			cells[i] = wrap(text, widths[i])
			height = max(height, len(cells[i]))
		}
		var b strings.Builder
		for k := range height {
			line := ""
			for i, c := range cells {
				part := ""
				if k < len(c) {
					part = c[k]
				}
				line += part + strings.Repeat(" ", max(0, widths[i]-report.Width(part))+2)
			}
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		out = append(out, b.String())
	}
	return out
}

// natural is how wide columns are by themselves.
func natural(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for i, text := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], report.Width(text))
		}
	}
	return widths
}

// squeeze makes the widest columns narrower until all take room, or can give no more.
func squeeze(widths []int, room int) {
	const least = 8
	sum := 0
	for _, w := range widths {
		sum += w
	}
	for ; sum > room; sum-- {
		widest := slices.Max(widths)
		if widest <= least {
			return
		}
		widths[slices.Index(widths, widest)]--
	}
}

// wrap breaks text at spaces into lines of width at most, and words that are longer anywhere.
func wrap(text string, width int) []string {
	if report.Width(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && report.Width(line)+1+report.Width(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		for _, c := range word {
			if report.Width(line+string(c)) > width {
				lines, line = append(lines, line), ""
			}
			line += string(c)
		}
	}
	return append(lines, line)
}
