package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// A made variant is what a fixture draws trials from.
type made struct {
	label, preset, model string
	score                float64 // mean of the main metric
	noise                float64 // between seeds, beside what they share
	loss, attained       float64
	speed                float64
	params               float64
}

// An outline is an experiment before its trials are drawn.
type outline struct {
	name, question string
	variants       []made
	seeds          int
	rating         bool
	oracle         bool
	datasets       []store.Dataset
}

const synthetic = `{"source":"synthetic","rows":200000,"fields":10,"rows_per_field":1000,"zipf":1.1,"dense":4,"base_rate":0.25,"seed":1,` +
	`"split":{"kind":"order","fractions":[0.8,0.1,0.1]},"truth":[{"kind":"linear","strength":0.5},{"kind":"fm","strength":1,"dim":4},{"kind":"parity","strength":0.7}]}`

const schemaJSON = `{"Dense":["d0","d1","d2","d3"],"Sparse":[{"Name":"f0","Rows":1000},{"Name":"f1","Rows":1000},{"Name":"tags","Rows":500,"MultiHot":true}],"Rating":null}`

var house = store.Environment{ID: "e1", Build: "9f3c1a77d0", Version: "v0.1.0", Go: "go1.26", OS: "linux", Arch: "amd64",
	CPU: "AMD EPYC 7B13", Features: "avx avx2 fma", Kernels: "avx2", Cores: 2, Memory: 8 << 30}

// quickstart is like what the first command of the README leaves.
func quickstart() outline {
	return outline{
		name: "quickstart", question: "Which interaction recovers planted second-order structure, and at what cost?", seeds: 3, oracle: true,
		variants: []made{
			{"LR", "lr", `{"name":"lr"}`, 0.6412, 0.0003, 0.5411, 0.214, 2.31e6, 10004},
			{"FM", "fm", `{"name":"fm","embedding_dim":8}`, 0.7624, 0.0006, 0.4712, 0.883, 1.12e6, 90012},
			{"DNN", "dnn", `{"name":"dnn","embedding_dim":8,"top":[64,32]}`, 0.7441, 0.0021, 0.4853, 0.741, 4.1e5, 88433},
			{"DLRM (dot)", "dlrm", `{"name":"dlrm","embedding_dim":8,"bottom":[16],"top":[64,32],"interaction":"dot"}`, 0.7702, 0.0011, 0.4661, 0.931, 3.9e5, 88991},
			{"Wide & Deep", "wide_deep", `{"name":"wide_deep","embedding_dim":8,"top":[64,32]}`, 0.7502, 0.0019, 0.4811, 0.781, 3.7e5, 98450},
			{"DCN", "dcn", `{"name":"dcn","embedding_dim":8,"layers":2,"top":[64,32]}`, 0.7518, 0.0018, 0.4799, 0.793, 3.3e5, 89220},
			{"DeepFM", "deepfm", `{"name":"deepfm","embedding_dim":8,"top":[64,32]}`, 0.7711, 0.0009, 0.4655, 0.938, 3.5e5, 98770},
			{"xDeepFM", "xdeepfm", `{"name":"xdeepfm","embedding_dim":8,"cin":[16,16],"top":[64,32]}`, 0.7705, 0.0012, 0.4659, 0.934, 1.1e5, 103800},
		},
	}
}

// many has variants enough for colours to come round, with labels too long for a column.
func many(n int) outline {
	o := outline{name: "sweep", question: "How far does the embedding's width matter, for every operator in one house?", seeds: 5, oracle: true}
	for i := range n {
		names := []string{"dlrm", "xdeepfm", "dcn", "deepfm", "wide_deep"}
		name := names[i%len(names)]
		dim := 4 << (i / len(names))
		label := fmt.Sprintf("%s embedding_dim=%d learning_rate=%g", name, dim, []float64{0.01, 0.05}[i%2])
		x := float64(i) / float64(n)
		o.variants = append(o.variants, made{label, name, fmt.Sprintf(`{"name":%q,"embedding_dim":%d}`, name, dim),
			0.76 + 0.012*math.Sin(9*x) + 0.008*x, 0.0008, 0.47 - 0.01*x, 0.9 + 0.05*math.Sin(9*x), 9e5 / float64(1+i), 1e4 * float64(dim)})
	}
	return o
}

// ratings is a MovieLens-like experiment: RMSE, no oracle.
func ratings() outline {
	return outline{name: "movielens", question: "Does anything beat biases and a dot product?", seeds: 5, rating: true, variants: []made{
		{"MF", "mf", `{"name":"mf","embedding_dim":16}`, 0.9312, 0.0012, 0, 0, 3.1e6, 42000},
		{"NeuMF", "neumf", `{"name":"neumf","embedding_dim":16,"mlp":[32,16]}`, 0.9301, 0.0025, 0, 0, 4.4e5, 88000},
		{"FM", "fm", `{"name":"fm","embedding_dim":16}`, 0.9284, 0.0011, 0, 0, 2.2e6, 44000},
	}}
}

// report draws the trials. Seeds share a part of their noise, as they do in truth.
func (o outline) report() *store.Report {
	if o.datasets == nil {
		o.datasets = []store.Dataset{{ID: "8d1f30aa52c7", Source: "synthetic", Options: synthetic, Schema: schemaJSON, Rows: [3]int{160000, 20000, 20000}}}
	}
	r := &store.Report{Datasets: o.datasets, Environments: []store.Environment{house}}
	r.Experiment = store.Experiment{ID: 1, Name: o.name, Question: o.question, PlanDigest: "51c09ab27e", Created: time.Date(2026, 3, 2, 14, 5, 0, 0, time.UTC),
		File: "name = \"" + o.name + "\"\nquestion = \"" + o.question + "\"\nseeds = 3\n\n[data]\nsource = \"synthetic\"\n"}
	for d, data := range o.datasets {
		for i, v := range o.variants {
			for seed := range o.seeds {
				o.trial(r, d, data, i, v, uint64(seed+1))
			}
		}
	}
	return r
}

func (o outline) trial(r *store.Report, d int, data store.Dataset, i int, v made, seed uint64) {
	common := rand.New(rand.NewPCG(seed, uint64(d))).NormFloat64() * 0.0015
	own := rand.New(rand.NewPCG(seed, uint64(i)*31+7))
	score := v.score + common + own.NormFloat64()*v.noise - 0.03*float64(d)
	t := store.Trial{ID: fmt.Sprintf("%d-%d-%d", d, i, seed), Ordinal: len(r.Trials), Label: v.label, Model: v.preset, Variant: fmt.Sprint(d, "/", i), Seed: seed,
		Dataset: data.ID, State: "done", Run: int64(len(r.Trials) + 1), TestRead: 1,
		Config: fmt.Sprintf(`{"data":%s,"model":%s,"train":{"loss":"bce","optimizer":"adagrad","learning_rate":0.05,"batch_size":2048,"epochs":1}}`, synthetic, v.model)}
	speed := v.speed * (1 + 0.02*own.NormFloat64())
	t.Results = map[string]float64{"train.examples_per_second": speed, "infer.examples_per_second": 2.7 * speed, "train.seconds": 160000 / speed,
		"params": v.params, "params.dense": v.params / 20, "interaction.width": 45, "top.width": 53, "flops": v.params / 7, "peak_rss": 1.3e8, "best_step": 78, "epochs": 1}
	name := "auc"
	if o.rating {
		name = "rmse"
		t.Results["test.mae"] = score * 0.79
	} else {
		t.Results["test.logloss"] = v.loss - 0.4*(score-v.score)
	}
	t.Results["test."+name] = score
	if o.oracle {
		t.Results["test.attained"], t.Results["oracle.auc"] = v.attained+4*(score-v.score), 0.7791
	}
	x := store.Series{Trial: t.ID, Name: "valid." + name}
	for k := 1; k <= 10; k++ {
		start := 0.5
		if o.rating {
			start = 1.2
		}
		at := float64(k) / 10
		x.Step, x.Examples = append(x.Step, 8*k), append(x.Examples, int64(16000*k))
		x.Seconds = append(x.Seconds, 16000*float64(k)/speed)
		x.Value = append(x.Value, score+(start-score)*math.Exp(-4*at)+own.NormFloat64()*0.001)
	}
	r.Trials, r.Series = append(r.Trials, t), append(r.Series, x)
}

// fail turns a trial into a failed one.
func fail(t *store.Trial, text string) { t.State, t.Error, t.Results, t.Run = "failed", text, nil, 0 }

// fixtures are reports of every kind that has to look right.
type fixture struct {
	name    string
	report  func() *store.Report
	figures string // those it has, in order
}

var fixtures = []fixture{
	{"quickstart", func() *store.Report { return quickstart().report() }, "accuracy differences wins attained throughput costs learning pace target"},
	{"one seed", oneSeed, "accuracy attained throughput costs learning pace target"},
	{"ratings", func() *store.Report { return ratings().report() }, "accuracy differences wins throughput costs learning pace target"},
	{"25 variants", func() *store.Report { return many(25).report() }, "accuracy differences wins attained throughput costs learning pace target scaling"},
	{"failures", failures, "accuracy differences wins attained throughput costs learning pace target"},
	{"one truth of two", oneTruth, "overview ranks wins-over accuracy-1 differences-1 wins-1 throughput-1 costs-1 learning-1 pace-1 target-1 accuracy-2 differences-2 wins-2 attained-2 throughput-2 costs-2 learning-2 pace-2 target-2"},
	{"pairs", pairsKnown, "accuracy differences wins attained throughput costs learning pace target pairs"},
	{"two data sets", twoDatasets, "overview ranks wins-over accuracy-1 differences-1 wins-1 attained-1 throughput-1 costs-1 learning-1 pace-1 target-1 accuracy-2 differences-2 wins-2 attained-2 throughput-2 costs-2 learning-2 pace-2 target-2"},
	{"shared machine", shared, "accuracy differences wins attained costs learning target"},
	{"parts", cutUp, "accuracy differences wins attained throughput costs learning pace target calibration parts"},
	{"parts of ratings", func() *store.Report { return withParts(ratings().report()) }, "accuracy differences wins throughput costs learning pace target calibration parts"},
	{"batch sizes", batchSizes, "accuracy differences wins attained throughput costs learning pace target scaling"},
	{"3 variants, 20 seeds", twentySeeds, "accuracy differences wins attained throughput costs learning pace target"},
	{"baseline", baseline, "accuracy differences attained throughput costs learning pace target"},
	{"equal", equal, "accuracy differences wins attained throughput learning pace target"},
	{"long labels", longLabels, "accuracy differences wins attained throughput costs learning pace target calibration parts"},
	{"one variant", oneVariant, "accuracy attained learning pace calibration parts"},
	{"hostile", hostile, "accuracy differences wins throughput costs learning pace target"},
	{"nothing done", nothing, ""},
	{"no trials", func() *store.Report { return &store.Report{Experiment: store.Experiment{Name: "empty"}} }, ""},
}

func oneSeed() *store.Report {
	o := quickstart()
	o.seeds = 1
	return o.report()
}

// failures has a variant that failed in two ways, one with a metric that is not finite, and one that is not through.
func failures() *store.Report {
	r := quickstart().report()
	fail(&r.Trials[3], "loss is not finite at step 12: embedding.f1 is the first parameter at fault")
	fail(&r.Trials[4], "loss is not finite at step 31: embedding.f3 is the first parameter at fault")
	fail(&r.Trials[5], "loss is not finite at step 31: embedding.f3 is the first parameter at fault")
	r.Trials[4].Log = "step 30  loss 0.61\nstep 31  loss NaN\n"
	r.Trials[8].Results["test.auc"] = math.NaN()
	r.Trials[20].State, r.Trials[20].Results = "pending", nil
	return r
}

// pairsKnown has strengths of six fields beside planted ones, of which FM found all and DCN some, and budgets that DNN met and FM did not.
func pairsKnown() *store.Report {
	r := quickstart().report()
	r.Experiment.Match = "params"
	for i := range r.Trials {
		t := &r.Trials[i]
		t.Budget, t.Widths = t.Results["params.dense"], "top=[71,35] (was top=[64,32])"
		if t.Label == "FM" {
			t.Budget, t.Widths = 2*t.Budget, ""
		}
		if t.Label != "FM" && t.Label != "DCN" {
			continue
		}
		own := rand.New(rand.NewPCG(t.Seed, uint64(i)))
		for a := range 6 {
			for b := a + 1; b < 6; b++ {
				p := metric.Pair{Fields: [2]string{fmt.Sprint("f", a), fmt.Sprint("f", b)}, Planted: float64((a*b)%4) / 2}
				p.Learned = 3*p.Planted + 0.1*own.Float64()
				if t.Label == "DCN" {
					p.Learned = p.Planted + 2*own.Float64()
				}
				t.Pairs = append(t.Pairs, p)
			}
		}
		t.Results["pairs.agreement"] = 0.9
	}
	return r
}

func twoDatasets() *store.Report {
	o := quickstart()
	o.datasets = []store.Dataset{
		{ID: "aaaaaaaaaaaa", Source: "synthetic", Options: `{"rows":200000,"zipf":1.1}`, Schema: schemaJSON, Rows: [3]int{160000, 20000, 20000}},
		{ID: "bbbbbbbbbbbb", Source: "synthetic", Options: `{"rows":20000,"zipf":1.1}`, Schema: schemaJSON, Rows: [3]int{16000, 2000, 2000},
			BadRows: 3, Warnings: []string{"3 malformed rows skipped; the first: u.data:7: has 1 column"}},
	}
	return o.report()
}

// oneTruth has a data set whose truth nobody knows beside one with a planted truth, of which FM's seeds disagree and LR
// diverged.
func oneTruth() *store.Report {
	o := quickstart()
	o.datasets = []store.Dataset{
		{ID: "aaaaaaaaaaaa", Source: "criteo", Options: `{"path":"train.txt"}`, Schema: schemaJSON, Rows: [3]int{160000, 20000, 20000}},
		{ID: "bbbbbbbbbbbb", Source: "synthetic", Options: `{"rows":20000}`, Schema: schemaJSON, Rows: [3]int{16000, 2000, 2000}},
	}
	r := o.report()
	for i, t := range r.Trials {
		switch {
		case t.Dataset == "aaaaaaaaaaaa":
			delete(t.Results, "test.attained")
		case t.Label == "FM":
			t.Results["test.attained"] = 0.3 * float64(t.Seed)
		case t.Label == "LR":
			t.Results["test.attained"] = -33768.48
		case t.Label == "DCN":
			fail(&r.Trials[i], "loss is not finite at step 12")
		}
	}
	return r
}

// fourteen are more data sets than fit beside each other.
func fourteen() *store.Report {
	o := quickstart()
	o.seeds = 2
	for i := range 14 {
		o.datasets = append(o.datasets, store.Dataset{ID: fmt.Sprintf("%012d", i), Source: "synthetic", Schema: schemaJSON, Rows: [3]int{16000, 2000, 2000},
			Options: fmt.Sprintf(`{"rows":%d,"truth":[{"kind":"linear"},{"kind":"order%d"}]}`, 20000<<(i/5), i)})
	}
	return o.report()
}

func shared() *store.Report {
	r := quickstart().report()
	for i := range r.Trials {
		r.Trials[i].Shared = true
	}
	return r
}

func nothing() *store.Report {
	r := quickstart().report()
	for i := range r.Trials {
		r.Trials[i].State, r.Trials[i].Results = "pending", nil
	}
	r.Series, r.Environments = nil, nil
	return r
}

// cutUp has the parts of test that runs keep.
func cutUp() *store.Report { return withParts(quickstart().report()) }

func withParts(r *store.Report) *store.Report {
	for i := range r.Trials {
		t := &r.Trials[i]
		own := rand.New(rand.NewPCG(t.Seed, uint64(i)))
		bins := metric.Slice{Name: metric.Calibration}
		score, scale := t.Results["test.auc"], 1.0
		if score == 0 {
			score, scale = t.Results["test.rmse"], 5
		}
		for k := range 10 {
			at := scale * (0.02 + 0.09*float64(k))
			bins.Parts = append(bins.Parts, metric.Part{Name: fmt.Sprint(k + 1), Examples: 200, Predicted: at,
				Observed: at * (1.02 - 0.01*float64(k) + 0.03*own.NormFloat64()), LogLoss: 0.4, AUC: math.NaN()})
		}
		t.Slices = append(t.Slices, bins)
		for f, field := range []string{"user_id", "item_id"} {
			x := metric.Slice{Name: metric.Frequency + field}
			for k, name := range []string{"head", "mid", "tail", "cold"} {
				x.Parts = append(x.Parts, metric.Part{Name: name, Examples: 2000 >> k, Predicted: 0.25 * scale, Observed: (0.25 + 0.01*own.NormFloat64()) * scale,
					LogLoss: 0.4, AUC: score - 0.02*float64(k*(f+1)) + 0.004*own.NormFloat64()})
			}
			t.Slices = append(t.Slices, x)
		}
		tenths := metric.Slice{Name: metric.Time}
		for k := range 10 {
			tenths.Parts = append(tenths.Parts, metric.Part{Name: fmt.Sprint(k + 1), Examples: 200, Predicted: 0.25 * scale, Observed: (0.25 + 0.01*own.NormFloat64()) * scale,
				LogLoss: 0.4, AUC: score - 0.001*float64(k) + 0.004*own.NormFloat64()})
		}
		t.Slices = append(t.Slices, tenths)
	}
	return r
}

// batchSizes are two models at four batch sizes each.
func batchSizes() *store.Report {
	o := outline{name: "batches", question: "How large a batch pays?", seeds: 3, oracle: true}
	for i, name := range []string{"FM", "DeepFM"} {
		for k := range 4 {
			o.variants = append(o.variants, made{fmt.Sprintf("%s batch_size=%d", name, 256<<(2*k)), "fm", `{"name":"fm","embedding_dim":8}`,
				0.76 + 0.01*float64(i) - 0.002*float64(k), 0.0006, 0.4712, 0.883, 1e5 * float64(1+i) * math.Pow(1.8, float64(k)), 90012})
		}
	}
	r := o.report()
	for i := range r.Trials {
		_, size, _ := strings.Cut(r.Trials[i].Label, "=")
		r.Trials[i].Config = strings.Replace(r.Trials[i].Config, `"batch_size":2048`, `"batch_size":`+size, 1)
	}
	return r
}

func twentySeeds() *store.Report {
	o := quickstart()
	o.variants, o.seeds = o.variants[1:4], 20
	return o.report()
}

// equal has variants that no number tells apart.
func equal() *store.Report {
	o := quickstart()
	o.variants, o.seeds = o.variants[:3], 2
	r := o.report()
	for i := range r.Trials {
		first := r.Trials[i%2]
		r.Trials[i].Results = first.Results
		for k := range r.Series {
			if r.Series[k].Trial == r.Trials[i].ID {
				r.Series[k].Value, r.Series[k].Seconds = r.Series[i%2].Value, r.Series[i%2].Seconds
			}
		}
	}
	return r
}

// baseline declares what all are compared with, and what does not matter.
func baseline() *store.Report {
	r := quickstart().report()
	r.Experiment.Compare = `{"margin":{"auc":0.004},"baseline":"DLRM (dot)"}`
	return r
}

// longLabels are of 60 letters and more, of several scripts, and what another would take for markup.
func longLabels() *store.Report {
	o := quickstart()
	for i, label := range []string{
		"deepfm embedding_dim=16 learning_rate=0.05 dropout=0.2 layers=4 a",
		"deepfm embedding_dim=16 learning_rate=0.05 dropout=0.2 layers=4 b",
		"<script>alert('an interaction of the second order & more')</script>",
		"Faktorisierungsmaschinenübertragungsschichtzusammensetzung α→β ≥ 2",
		"因子分解机 与 深度网络 结合 的 模型 用于 点击率 预测 任务 的 评估 和 比较 实验 第一 版本 的 名称",
		"مصنع التحليل إلى عوامل مع شبكة عصبية عميقة للتنبؤ بمعدل النقر",
		"one_word_of_fifty_letters_that_nothing_will_break_x",
		"FM",
	} {
		o.variants[i].label = label
	}
	return withParts(o.report())
}

func oneVariant() *store.Report {
	o := quickstart()
	o.variants = o.variants[1:2]
	return withParts(o.report())
}
