package report

import (
	"slices"
	"strings"
)

// planned is a variant as the plan has it. The data are told elsewhere: one that sees several data sets stands here once.
type planned struct {
	Label, Mark, Preset string
	Own, Full           []setting // what sets it apart, condensed and whole
	Trials              int
	Sized               string // to the budget of an experiment that matches
}

// A table is the settings of one table of an experiment file.
type table struct {
	Name     string
	Settings []setting
}

// plan returns the settings that all trials share, and the variants with what sets each apart.
func (s *summary) plan() (common []setting, out []planned) {
	var configs [][]setting
	at, seeded := map[string]int{}, map[string]int{} // by what is shown, and by variant
	for _, t := range s.Trials {
		if i, ok := seeded[t.Label+" "+t.Variant]; ok {
			out[i].Trials++
			continue
		}
		config := slices.DeleteFunc(settings(t.Config), func(s setting) bool { return strings.HasPrefix(s.Key, "data.") })
		key := t.Label + " " + literalSettings(config)
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, planned{Label: t.Label, Mark: mark(s.place(t.Label)), Preset: t.Model})
			configs = append(configs, config)
			if _, name, ok := s.sized(); ok {
				out[i].sizedAs(t.Widths, valueOf(t, name)/t.Budget)
			}
		}
		seeded[t.Label+" "+t.Variant] = i
		out[i].Trials++
	}
	common, own := split(configs)
	for i := range out {
		out[i].Full = ofModel(own[i])
		out[i].Own = slices.DeleteFunc(slices.Clone(out[i].Full), func(s setting) bool { return s.off() || strings.Contains(s.Key, ".") })
	}
	return common, out
}

func literalSettings(list []setting) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(s.Key + "=" + s.Value + "\n")
	}
	return b.String()
}

// ofModel is a variant's own settings as a [[model]] table has them; the preset has a column of its own.
func ofModel(list []setting) []setting {
	var out []setting
	for _, s := range list {
		if s.Key != "model.name" {
			s.Key = strings.TrimPrefix(s.Key, "model.")
			out = append(out, s)
		}
	}
	return out
}

// off reports whether a setting's value asks for nothing.
func (s setting) off() bool {
	return slices.Contains([]string{"none", `""`, "0", "false", "[]"}, s.Value)
}

// condensed is settings by table, without those that ask for nothing or are of a table in a table.
func condensed(list []setting) []table {
	var out []table
	for _, s := range list {
		name, key, ok := strings.Cut(s.Key, ".")
		if !ok || s.off() || strings.Contains(key, ".") {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Name != name {
			out = append(out, table{Name: name})
		}
		last := &out[len(out)-1]
		last.Settings = append(last.Settings, setting{Key: key, Value: s.Value})
	}
	return out
}
