package fetch

import "fmt"

const (
	movielens      = "https://files.grouplens.org/datasets/movielens/"
	movielensTerms = "research; no redistribution without permission, no commercial use; cite Harper & Konstan 2015"
	ncf            = "https://raw.githubusercontent.com/hexiangnan/neural_collaborative_filtering/master/Data/"
	frappe         = "https://raw.githubusercontent.com/hexiangnan/neural_factorization_machine/master/data/frappe/"
	adult          = "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/"
	criteo1TB      = "https://huggingface.co/datasets/criteo/CriteoClickLogs/resolve/main/"
)

// Sets is the table of data sets. No owner here publishes a SHA-256.
var Sets = []Set{
	{"ml-100k", "MovieLens 100K: 100,000 ratings, users and items, five folds", "https://grouplens.org/datasets/movielens/100k/", movielensTerms,
		files(movielens, "ml-100k.zip")},
	{"ml-1m", "MovieLens 1M: a million ratings, users and items", "https://grouplens.org/datasets/movielens/1m/", movielensTerms, files(movielens, "ml-1m.zip")},
	{"ml-10m", "MovieLens 10M", "https://grouplens.org/datasets/movielens/10m/", movielensTerms, files(movielens, "ml-10m.zip")},
	{"ml-20m", "MovieLens 20M", "https://grouplens.org/datasets/movielens/20m/", movielensTerms, files(movielens, "ml-20m.zip")},
	{"ml-25m", "MovieLens 25M", "https://grouplens.org/datasets/movielens/25m/", movielensTerms, files(movielens, "ml-25m.zip")},
	{"ml-latest-small", "MovieLens latest, small: 100,000 ratings", "https://grouplens.org/datasets/movielens/latest/",
		"may be passed on under the same terms, no commercial use; cite Harper & Konstan 2015", files(movielens, "ml-latest-small.zip")},
	{"ml-latest", "MovieLens latest: some 33 million ratings", "https://grouplens.org/datasets/movielens/latest/",
		"may be passed on under the same terms, no commercial use; cite Harper & Konstan 2015", files(movielens, "ml-latest.zip")},
	{"ml-1m-ncf", "MovieLens 1M as the NCF paper splits it: leave one out, 99 negatives a user", "https://github.com/hexiangnan/neural_collaborative_filtering",
		movielensTerms, files(ncf, "ml-1m.train.rating", "ml-1m.test.rating", "ml-1m.test.negative")},
	{"pinterest-ncf", "Pinterest pins as the NCF paper splits them", "https://github.com/hexiangnan/neural_collaborative_filtering",
		"none stated", files(ncf, "pinterest-20.train.rating", "pinterest-20.test.rating", "pinterest-20.test.negative")},
	{"frappe", "Frappe: which app is used in which context, in libFM's format", "https://github.com/hexiangnan/neural_factorization_machine",
		"research; no redistribution; cite Baltrunas et al. 2015", files(frappe, "frappe.train.libfm", "frappe.validation.libfm", "frappe.test.libfm")},
	{"adult", "UCI Adult: income of the census of 1994", "https://archive.ics.uci.edu/dataset/2/adult", "CC BY 4.0 by its page", files(adult, "adult.data", "adult.test")},
	{"criteo-1tb", "Criteo 1TB: 24 days of clicks, 4.4 billion rows", "https://huggingface.co/datasets/criteo/CriteoClickLogs",
		"Criteo's, as its page states them: read them there first", days(24)},
	{"criteo-1tb-day", "Criteo 1TB: its first day alone", "https://huggingface.co/datasets/criteo/CriteoClickLogs",
		"Criteo's, as its page states them: read them there first", days(1)},
	{"criteo-kaggle", "Criteo Display Advertising Challenge: 45.8 million clicks of a week",
		"https://ailab.criteo.com/ressources/", "Criteo's, as its page states them: read them there first; research only",
		files("https://go.criteo.net/", "criteo-research-kaggle-display-advertising-challenge-dataset.tar.gz")},
}

// Elsewhere are sets that want an account: where people get them.
var Elsewhere = map[string]string{
	"avazu": "Kaggle wants an account that has accepted the rules: https://www.kaggle.com/c/avazu-ctr-prediction/data (train.gz)",
}

func files(base string, names ...string) []File {
	var all []File
	for _, n := range names {
		all = append(all, File{URL: base + n})
	}
	return all
}

func days(n int) []File {
	var all []File
	for d := range n {
		all = append(all, File{URL: fmt.Sprintf("%sday_%d.gz", criteo1TB, d)})
	}
	return all
}

// Find returns the row with a name.
func Find(name string) (Set, bool) {
	for _, s := range Sets {
		if s.Name == name {
			return s, true
		}
	}
	return Set{}, false
}
