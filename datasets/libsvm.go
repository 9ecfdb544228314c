package datasets

import (
	"context"
	"fmt"
)

// LibSVM are the options of files with lines "label index:value …". Without fields all indices are one multi-hot field;
// with fields that have indices a feature is of the one that has its index; else the first feature of every line is of the
// first field, the second of the second, and so on, as in the files of AFN that BARS uses.
type LibSVM struct {
	Files
	Steps
	Fields       FeatureFields `json:"fields,omitempty"`
	IgnoreValues bool          `json:"ignore_values"` // a category is what is there, whatever its value
}

func libsvmDefaults() LibSVM { return LibSVM{Files: Files{SplitSeed: 1}} }

// Check refuses what does not go together and resolves the keys of Files and Steps.
func (o *LibSVM) Check() error {
	if err := o.Fields.check(); err != nil {
		return err
	}
	indexed := 0
	for _, f := range o.Fields {
		if f.From != nil {
			indexed++
		}
	}
	for i, f := range o.Fields {
		if indexed > 0 && f.From == nil {
			return fmt.Errorf("fields[%d].from is missing, where other fields have theirs", i)
		}
		if indexed == 0 && f.MultiHot {
			return fmt.Errorf("fields[%d].multi_hot is for fields with from and to: by place every line has one feature of each", i)
		}
	}
	if indexed > 0 {
		_, all := o.Fields.features()
		if _, err := byIndex(all); err != nil {
			return err
		}
	}
	if err := o.Steps.resolve("none"); err != nil {
		return err
	}
	return o.Files.resolve([]string{"order", "random", "user", "leave-one-out", "k-fold"}, "end")
}

func openLibSVM(ctx context.Context, env Env, o LibSVM) (Source, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("data.%w", err)
	}
	return prepared(ctx, env, "libsvm", 1, o, &o.Files, &o.Steps, o.detect)
}

func (o *LibSVM) detect([]string) (lines, error) {
	if len(o.Fields) == 0 {
		l, all := FeatureFields{{Name: "features", MultiHot: true}}.features()
		return featureLines(l, featureLine{features: all, ignoreValues: o.IgnoreValues, put: (*featureLine).indexed}), nil
	}
	l, all := o.Fields.features()
	if o.Fields[0].From == nil {
		return featureLines(l, featureLine{features: all, ignoreValues: o.IgnoreValues, every: true, put: (*featureLine).placed}), nil
	}
	all, err := byIndex(all)
	return featureLines(l, featureLine{features: all, ignoreValues: o.IgnoreValues, put: (*featureLine).indexed}), err
}
