package cli

// dataCommands are what can be done with data, a file data_NAME.go each.
var dataCommands = []command{
	{"data generate", "", "write synthetic rows in Criteo's format, and beside them what can be attained on them", dataGenerate},
}
