package experiments

import _ "embed"

// Example is a worked example of a paper's: steps of training with every number, a trace as ctrlab verify replays it.
type Example struct {
	Claim, Source string
	Trace         []byte
}

//go:embed papers/dlrm-example.json
var dlrmExample []byte

// Worked is those that are part of the program, by name.
var Worked = map[string]Example{
	"dlrm-example": {
		"A tiny DLRM's forward passes, losses of three steps (0.451893, 0.402002, 0.275460) and updates are these, number by number",
		"README of facebookresearch/dlrm, the example of tests with --debug-mode; its loss is the squared error of the probability",
		dlrmExample,
	},
}
