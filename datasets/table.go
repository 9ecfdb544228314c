package datasets

// All is the table of sources; names in experiments are these.
var All = []Dataset{
	define("synthetic", "rows drawn from a planted truth, so that the best reachable result is known", "bce", syntheticDefaults(), generated(openSynthetic)),
	define("criteo", "click logs: a label, 13 integers and 26 categories, tab separated", "bce", criteoDefaults(), openCriteo),
	define("movielens", "ratings of MovieLens 100K to 25M, with genres and user attributes, to predict or as interactions to rank", "mse", movielensDefaults(), openMovielens),
}
