package train

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Schedule is keys of [train] about how learning_rate changes.
type Schedule struct {
	Schedule        string  `json:"schedule"`
	WarmupSteps     int     `json:"warmup_steps"`   // in which the rate rises in equal parts to learning_rate
	DecayFrom       int     `json:"decay_from"`     // step after which it falls
	DecaySteps      int     `json:"decay_steps"`    // in which it does; 0: to the end of training
	DecayPower      float64 `json:"decay_power"`    // of polynomial
	DecayFactor     float64 `json:"decay_factor"`   // of plateau
	DecayPatience   int     `json:"decay_patience"` // of plateau: evaluations without improvement
	MinLearningRate float64 `json:"min_learning_rate"`
}

// schedule is a row of the table of schedules: the keys it has, and the rate so many steps after decay_from, at least 1.
type schedule struct {
	name string
	keys []string
	rate func(s Schedule, past int, base float64) float64
}

var schedules = []schedule{
	{"constant", nil, func(_ Schedule, _ int, base float64) float64 { return base }},
	// The DLRM repository's, with decay_power 2 and min_learning_rate 1e-7.
	{"polynomial", []string{"decay_from", "decay_steps", "decay_power", "min_learning_rate"}, func(s Schedule, past int, base float64) float64 {
		return max(base*math.Pow(1-s.part(past), s.DecayPower), s.MinLearningRate)
	}},
	// PyTorch's CosineAnnealingLR, which stays at its end.
	{"cosine", []string{"decay_from", "decay_steps", "min_learning_rate"}, func(s Schedule, past int, base float64) float64 {
		return s.MinLearningRate + (base-s.MinLearningRate)*(1+math.Cos(math.Pi*s.part(past-1)))/2
	}},
	// BARS's: the base rate falls by evaluations, see plateau.
	{"plateau", []string{"decay_factor", "decay_patience", "min_learning_rate"}, func(_ Schedule, _ int, base float64) float64 { return base }},
}

// ScheduleNames are the values of the key schedule.
func ScheduleNames() (all []string) {
	for _, r := range schedules {
		all = append(all, r.name)
	}
	return all
}

// part is how much of the fall is done.
func (s Schedule) part(past int) float64 { return min(float64(past)/float64(s.DecaySteps), 1) }

func (s Schedule) row() (schedule, bool) {
	i := slices.IndexFunc(schedules, func(r schedule) bool { return r.name == s.Schedule })
	if i < 0 {
		return schedule{}, false
	}
	return schedules[i], true
}

// check refuses keys that the schedule does not have, and fills in those that it has.
func (s *Schedule) check(rate float64) error {
	row, ok := s.row()
	if !ok {
		return fmt.Errorf("schedule is %q, want one of %s", s.Schedule, strings.Join(ScheduleNames(), ", "))
	}
	for _, k := range []struct {
		key   string
		value float64
		fill  func()
	}{
		{"decay_from", float64(s.DecayFrom), func() { s.DecayFrom = s.WarmupSteps }}, {"decay_steps", float64(s.DecaySteps), func() {}},
		{"decay_power", s.DecayPower, func() { s.DecayPower = 2 }}, {"decay_factor", s.DecayFactor, func() { s.DecayFactor = 0.1 }},
		{"decay_patience", float64(s.DecayPatience), func() { s.DecayPatience = 1 }}, {"min_learning_rate", s.MinLearningRate, func() {}},
	} {
		switch has := slices.Contains(row.keys, k.key); {
		case has && k.value == 0:
			k.fill()
		case !has && k.value != 0:
			return fmt.Errorf("%s is %g, and the schedule %s has no use for it", k.key, k.value, s.Schedule)
		}
	}
	return within([]bound{
		{"warmup_steps", float64(s.WarmupSteps), 0, 1e9}, {"decay_from", float64(s.DecayFrom), 0, 1e9}, {"decay_steps", float64(s.DecaySteps), 0, 1e9},
		{"decay_power", s.DecayPower, 0, 100}, {"decay_factor", s.DecayFactor, 0, 1}, {"decay_patience", float64(s.DecayPatience), 0, 1e9},
		{"min_learning_rate", s.MinLearningRate, 0, rate},
	})
}

// at is the rate of a step, from 1, of a base rate.
func (s Schedule) at(step int, base float64) float64 {
	if step < s.WarmupSteps {
		return base * float64(step) / float64(s.WarmupSteps)
	}
	row, _ := s.row()
	if past := step - s.DecayFrom; past > 0 {
		return row.rate(s, past, base)
	}
	return base
}

// plateau watches evaluations, and lets the base rate fall when some in a row bring no improvement.
type plateau struct {
	Schedule
	waited int
}

// see takes an evaluation and returns the base rate that follows.
func (p *plateau) see(improved bool, base float64) float64 {
	if p.Schedule.Schedule != "plateau" {
		return base
	}
	if p.waited++; improved {
		p.waited = 0
	}
	if p.waited < p.DecayPatience {
		return base
	}
	p.waited = 0
	return max(base*p.DecayFactor, p.MinLearningRate)
}
