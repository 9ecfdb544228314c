package experiments

import "testing"

func TestPublished(t *testing.T) {
	const head = "[data]\nsource = 'synthetic'\n[[model]]\nname = 'fm'\n[[model]]\nname = 'lr'\n[[reference]]\nsource = 's'\n"
	for src, want := range map[string]string{
		"metric = 'test.auc'\nfigures = { fm = 1 }":                                               "x.toml:7: reference[0].claim is missing, want what is claimed, in a sentence",
		"claim = 'c'\nmetric = 'auc'\nfigures = { fm = 1 }":                                       `x.toml:10: reference[0].metric is "auc", want one that results have, like test.auc`,
		"claim = 'c'\nmetric = 'test.calibration'\nfigures = { fm = 1 }":                          "x.toml:10: reference[0].metric is test.calibration, of which neither more nor less is better",
		"claim = 'c'\nmetric = 'test.auc'":                                                        "x.toml:7: reference[0].figures is missing, want what was published, by label; or above, pairs of labels of which the first is better",
		"claim = 'c'\nmetric = 'test.auc'\nfigures = { fmm = 1 }":                                 `x.toml:11: reference[0].figures names "fmm", which no variant is called; did you mean fm?`,
		"claim = 'c'\nmetric = 'test.auc'\nabove = [['fm', 'svm']]":                               `x.toml:11: reference[0].above names "svm", which no variant is called`,
		"claim = 'c'\nmetric = 'test.auc'\nabove = [['fm']]":                                      "x.toml:11: reference[0].above[0] has 1 elements, want 2",
		"claim = 'c'\nmetric = 'test.auc'\nfigures = { fm = 1 }\ntolerance = -1":                  "x.toml:12: reference[0].tolerance is -1, want 0 or more",
		"claim = 'c'\nmetric = 'test.auc'\nfigures = { fm = 1 }\ntolerence = 1":                   "x.toml:12: reference[0].tolerence is not a key here; did you mean tolerance?",
		"claim = 'c'\nmetric = 'test.auc'\nfigures = { fm = 1 }\nabove = [['fm', 'lr']]":          "",
		"claim = 'c'\nmetric = 'test.auc'\nfigures = { fm = 1 }\n[matrix]\ntrain.epochs = [1, 2]": "",
	} {
		e, err := Parse("x.toml", []byte(head+src), nil)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", src, got, want)
		}
		if err == nil && (len(e.Reference) != 1 || e.Reference[0].Figures["fm"] != 1) {
			t.Errorf("%s: %+v", src, e.Reference)
		}
	}
}
