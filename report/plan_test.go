package report

import (
	"fmt"
	"reflect"
	"testing"

	"ctrlab/internal/store"
)

// A variant stands in the plan once however many data sets it sees; what is off or of a nested table stands in the full list alone.
func TestPlan(t *testing.T) {
	r := &store.Report{}
	for _, data := range []string{"linear", "fm"} {
		for _, m := range []string{`"name":"lr"`, `"name":"fm","embedding_dim":8,"bottom":null,"init":{"bias":{"scale":1}}`} {
			for seed := range 3 {
				r.Trials = append(r.Trials, store.Trial{Label: m[8:10], Model: m[8:10], Variant: data + m, Dataset: data, Seed: uint64(seed + 1),
					Config: fmt.Sprintf(`{"data":{"truth":%q},"model":{%s},"train":{"epochs":4,"l2":0}}`, data, m)})
			}
		}
	}
	common, plan := summarize(r).plan()
	set := func(key, value string) setting { return setting{key, value, value} }
	if want := []setting{set("train.epochs", "4"), set("train.l2", "0")}; !reflect.DeepEqual(common, want) {
		t.Errorf("common %v, want %v", common, want)
	}
	if got, want := condensed(common), []table{{"train", []setting{{Key: "epochs", Value: "4"}}}}; !reflect.DeepEqual(got, want) {
		t.Errorf("condensed %v, want %v", got, want)
	}
	want := []planned{
		{Label: "lr", Mark: "h0 s0", Preset: "lr", Trials: 6},
		{Label: "fm", Mark: "h1 s0", Preset: "fm", Trials: 6, Own: []setting{set("embedding_dim", "8")},
			Full: []setting{set("bottom", "none"), set("embedding_dim", "8"), set("init.bias.scale", "1")}},
	}
	if !reflect.DeepEqual(plan, want) {
		t.Errorf("got\n%+v\nwant\n%+v", plan, want)
	}
}
