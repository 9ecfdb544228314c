package datasets

// All is the table of sources; names in experiments are these.
var All = []Dataset{
	define("synthetic", "rows drawn from a planted truth, so that the best reachable result is known", "bce", syntheticDefaults(), generated(openSynthetic)),
	define("criteo", "click logs: a label, 13 integers and 26 categories, tab separated", "bce", criteoDefaults(), openCriteo),
	define("avazu", "click logs of Avazu's challenge: CSV of an id, the click, the hour and 21 categories", "bce", avazuDefaults(), openAvazu),
	define("csv", "tables in text, CSV or TSV, whose columns the options name", "bce", csvDefaults(), openCSV),
	define("parquet", "columns of Parquet files, which the options name", "bce", parquetDefaults(), openParquet),
	define("libsvm", "lines of a label and index:value, in fields by place or by index, or all one bag", "bce", libsvmDefaults(), openLibSVM),
	define("libffm", "lines of a label and field:index:value", "bce", libffmDefaults(), openLibFFM),
	define("movielens", "ratings of MovieLens 100K to 25M, with genres and user attributes, to predict or as interactions to rank", "mse", movielensDefaults(), openMovielens),
}
