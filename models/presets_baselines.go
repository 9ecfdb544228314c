package models

import (
	"fmt"

	"ctrlab/datasets/batch"
	"ctrlab/models/baselines"
)

// rated wants ratings of items by users.
func rated(s batch.Schema) error {
	if s.Rating == nil {
		return fmt.Errorf("it predicts ratings, and the labels are none")
	}
	_, err := pair(s, "", 1)
	return err
}

// ratedOrListed wants ratings, or lists to rank.
func ratedOrListed(s batch.Schema) error {
	if s.Rating == nil && !s.Lists {
		return fmt.Errorf("it predicts ratings or ranks items, and the data has neither ratings nor lists")
	}
	_, err := pair(s, "", 1)
	return err
}

// biasDefaults are those of Koren 2010, §2.1, with the passes of the Surprise library.
func biasDefaults() baselines.BiasOptions {
	return baselines.BiasOptions{UserShrinkage: 15, ItemShrinkage: 10, Passes: 10}
}

func bias(o baselines.BiasOptions, s batch.Schema) (Spec, error) {
	return Spec{Baseline: func(uint64) baselines.Model { return baselines.NewBias(s, o) }}, rated(s)
}

func knnDefaults() baselines.NeighboursOptions {
	return baselines.NeighboursOptions{K: 40, Similarity: "pearson", Shrinkage: 100, Centre: "baseline", BiasOptions: biasDefaults()}
}

func knn(side string) func(baselines.NeighboursOptions, batch.Schema) (Spec, error) {
	return func(o baselines.NeighboursOptions, s batch.Schema) (Spec, error) {
		if err := ratedOrListed(s); err != nil {
			return Spec{}, err
		}
		if _, err := baselines.NewNeighbours(s, side, o); err != nil {
			return Spec{}, err
		}
		return Spec{Baseline: func(uint64) baselines.Model { m, _ := baselines.NewNeighbours(s, side, o); return m }}, nil
	}
}

func als(o baselines.ALSOptions, s batch.Schema) (Spec, error) {
	return Spec{Baseline: func(seed uint64) baselines.Model { return baselines.NewALS(s, o, biasDefaults(), seed) }}, rated(s)
}

func mean(o baselines.MeanOptions, s batch.Schema) (Spec, error) {
	return Spec{Baseline: func(uint64) baselines.Model { return baselines.NewMean(s, o) }}, rated(s)
}

// content predicts ratings, or ranks.
func content(o baselines.ContentOptions, s batch.Schema) (Spec, error) {
	if err := ratedOrListed(s); err != nil {
		return Spec{}, err
	}
	if _, err := baselines.NewContent(s, o, biasDefaults()); err != nil {
		return Spec{}, err
	}
	return Spec{Baseline: func(uint64) baselines.Model { m, _ := baselines.NewContent(s, o, biasDefaults()); return m }}, nil
}

// external is what another program trains. That command or scores is there is for the plan to see, which looks for the files too.
func external(o baselines.ExternalOptions, _ batch.Schema) (Spec, error) {
	if o.Output != "probability" && o.Output != "logit" {
		return Spec{}, fmt.Errorf("output is %q, want \"probability\" or \"logit\"", o.Output)
	}
	return Spec{Baseline: func(uint64) baselines.Model { return baselines.External{} }}, nil
}
