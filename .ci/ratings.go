// Ratings writes the ratings that results/baseline guards the classical methods by, in the format of MovieLens 100K: 120 users of one of four tastes
// rate 25 of 80 items each, of one of four genres, those of their taste higher.
//
//	go run .ci/ratings.go experiments/check-ratings
package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "ratings: want a folder")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "ratings:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	const users, items, each, genres = 120, 80, 25, 4
	random := rand.New(rand.NewPCG(1, 2))
	var data, about strings.Builder
	liked := make([]float64, items)
	for i := range liked {
		liked[i] = 0.5 * random.NormFloat64()
		flags := slices.Repeat([]string{"0"}, 19)
		flags[1+i%genres] = "1"
		fmt.Fprintf(&about, "%d|item %d|01-Jan-1998|||%s\n", i+1, i+1, strings.Join(flags, "|"))
	}
	for u := range users {
		generous := 0.4 * random.NormFloat64()
		for at, i := range random.Perm(items)[:each] {
			stars := 3.2 + generous + liked[i] + 0.6*random.NormFloat64()
			if i%genres == u%genres {
				stars += 1.2
			}
			fmt.Fprintf(&data, "%d\t%d\t%d\t%d\n", u+1, i+1, int(min(5, max(1, math.Round(stars)))), 880_000_000+1000*u+at)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "u.item"), []byte(about.String()), 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "u.data"), []byte(data.String()), 0o666)
}
