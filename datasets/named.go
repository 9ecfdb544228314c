package datasets

// NamedTruth is a row of the catalogue of truths: what truth = "NAME" stands for.
type NamedTruth struct {
	Name, About string
	Terms       Terms
}

// NamedTruths is the catalogue: each kind by itself, and some mixtures. Results are stored with the terms, and not
// with the name.
var NamedTruths = append(alone(),
	NamedTruth{"deep", "only a network with two hidden layers knows it", Terms{
		{"mlp", MLPTruth{Strength: 2, Dim: 4, Hidden: []int{32, 16}}},
	}},
	NamedTruth{"high-order", "weights, and products of three and four fields without any of two", Terms{
		{"linear", LinearTruth{Strength: 1}},
		{"order3", ProductTruth{Strength: 1.5, Dim: 4, Count: 3, Order: 3}},
		{"order4", ProductTruth{Strength: 1, Dim: 4, Count: 3, Order: 4}},
	}},
	NamedTruth{"mixed", "something for every kind of model", Terms{
		{"linear", LinearTruth{Strength: 1}},
		{"fm", FMTruth{Strength: 1, Dim: 4}},
		{"order3", ProductTruth{Strength: 1, Dim: 4, Count: 3, Order: 3}},
		{"mlp", MLPTruth{Strength: 1, Dim: 4, Hidden: []int{16}}},
	}},
	NamedTruth{"ctr-like", "as in click logs: most of it in weights, some in pairs, little beyond; AUC about 0.8", Terms{
		{"linear", LinearTruth{Strength: 1}},
		{"fm", FMTruth{Strength: 0.6, Dim: 4}},
		{"order3", ProductTruth{Strength: 0.3, Dim: 4, Count: 3, Order: 3}},
	}},
)

func alone() (rows []NamedTruth) {
	for _, k := range Truths {
		rows = append(rows, NamedTruth{k.Name, k.About, Terms{{k.Name, k.Defaults}}})
	}
	return rows
}
