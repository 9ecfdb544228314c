package describe

import (
	"math"
	"slices"

	"ctrlab/datasets/batch"
)

// sampleRows is about how many values of a split a sample has.
const sampleRows = 20_000

// numbers is about a dense feature: moments of train, and an evenly spaced sample of each split.
type numbers struct {
	n, zero  int
	mean, m2 float64
	min, max float64
	sample   [batch.Splits][]float32
	stride   [batch.Splits]int // of the sample; it doubles when the sample is full
	next     [batch.Splits]int // rows until the next one is taken
}

// add takes column i of n of a batch's dense features.
func (x *numbers) add(s batch.Split, dense []float32, i, n int) {
	for ; i < len(dense); i += n {
		v := dense[i]
		if s == batch.Train {
			x.moments(float64(v))
		}
		if x.next[s]--; x.next[s] < 0 {
			x.take(s, v)
		}
	}
}

// moments are Welford's.
func (x *numbers) moments(v float64) {
	if x.n == 0 || v < x.min {
		x.min = v
	}
	if x.n == 0 || v > x.max {
		x.max = v
	}
	if v == 0 {
		x.zero++
	}
	x.n++
	d := v - x.mean
	x.mean += d / float64(x.n)
	x.m2 += d * (v - x.mean)
}

// take adds to the sample, of which every other value goes when it is full.
func (x *numbers) take(s batch.Split, v float32) {
	x.stride[s] = max(x.stride[s], 1)
	if len(x.sample[s]) == sampleRows {
		kept := x.sample[s][:0]
		for i := 0; i < sampleRows; i += 2 {
			kept = append(kept, x.sample[s][i])
		}
		x.sample[s] = kept
		x.stride[s] *= 2
	}
	x.sample[s] = append(x.sample[s], v)
	x.next[s] = x.stride[s] - 1
}

func (x *numbers) about(name string) Dense {
	d := Dense{Name: name, Mean: x.mean, Min: x.min, Max: x.max}
	if x.n > 1 {
		d.SD = math.Sqrt(x.m2 / float64(x.n-1))
		d.Zero = float64(x.zero) / float64(x.n)
	}
	for s := range x.sample {
		slices.Sort(x.sample[s])
	}
	train := x.sample[batch.Train]
	if len(train) == 0 {
		return d
	}
	for i := range d.Quartile {
		d.Quartile[i] = float64(train[(i+1)*(len(train)-1)/4])
	}
	for _, s := range []batch.Split{batch.Valid, batch.Test} {
		if other := x.sample[s]; len(other) > 0 {
			ks := kolmogorov(train, other)
			d.Drift[s] = &ks
		}
	}
	return d
}

// kolmogorov is the greatest distance of the empirical distribution functions of two sorted samples.
func kolmogorov(a, b []float32) float64 {
	most, i, j := 0.0, 0, 0
	for i < len(a) && j < len(b) {
		v := min(a[i], b[j])
		for i < len(a) && a[i] <= v {
			i++
		}
		for j < len(b) && b[j] <= v {
			j++
		}
		most = max(most, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return most
}
