package models

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctrlab/internal/strict"
)

// Tables are called and sized as their formulas have it, of fields of 10, 20, 30 and 40 ids and vectors of 4.
func TestTables(t *testing.T) {
	for _, c := range []struct {
		embeddings, want string
		tables, bytes    int64
	}{
		{`"full"`, "embedding.C1[10 4] embedding.C2[20 4] embedding.C3[30 4] embedding.C4[40 4]", 400, 1600},
		{`{ kind = "hashed", rows = 15 }`, "embedding.C1[10 4] embedding.C2[15 4] embedding.C3[15 4] embedding.C4[15 4]", 220, 880},
		{`{ kind = "double_hashed", rows = 30, operation = "concat" }`, "embedding.C1[10 4] embedding.C2[20 4] embedding.C3[30 4] embedding.C4.first[30 2] embedding.C4.second[30 2]", 360, 1440},
		{`{ kind = "qr", collisions = 7, threshold = 20 }`, "embedding.C1[10 4] embedding.C2[20 4] embedding.C3.quotient[5 4] embedding.C3.remainder[7 4] embedding.C4.quotient[6 4] embedding.C4.remainder[7 4]", 220, 880},
		{`{ kind = "mixed", alpha = 1 }`, "embedding.C1[10 4] embedding.C2.projection[4 2] embedding.C2[20 2] embedding.C3.projection[4 1] embedding.C3[30 1] embedding.C4.projection[4 1] embedding.C4[40 1]", 150, 600},
		{`{ kind = "capped", rows = 25 }`, "embedding.C1[10 4] embedding.C2[20 4] embedding.C3[26 4] embedding.C4[26 4]", 328, 1312},
		{`{ kind = "shared", rows = 50 }`, "embedding.shared[50 4]", 200, 800},
		{`{ kind = "quantized", bits = 4 }`, "embedding.C1[10 4] embedding.C2[20 4] embedding.C3[30 4] embedding.C4[40 4]", 400, 100 * (8 + 2)},
	} {
		config, err := decode(t, "name = \"dnn\"\nembedding_dim = 4\ntop = []\nbottom = []\nembeddings = "+c.embeddings)
		if err != nil {
			t.Fatal(err)
		}
		s, err := config.Spec(ctr)
		if err != nil {
			t.Fatal(err)
		}
		shapes, _ := s.Shapes()
		var got []string
		for name, shape := range shapes {
			if strings.HasPrefix(name, "embedding.") {
				got = append(got, fmt.Sprint(name, shape))
			}
		}
		if all := strings.Join(slices.Sorted(slices.Values(got)), " "); all != c.want {
			t.Errorf("%s has %s, want %s", c.embeddings, all, c.want)
		}
		if cost := s.Cost(); cost.Tables != c.tables || cost.TableBytes != c.bytes {
			t.Errorf("%s: tables of %d numbers in %d bytes, want %d in %d", c.embeddings, cost.Tables, cost.TableBytes, c.tables, c.bytes)
		}
		again, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		table, err := strict.JSON("again", again)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Decode(table); err != nil || fmt.Sprint(back) != fmt.Sprint(config) {
			t.Errorf("%v reads back as %v (%v)", config, back, err)
		}
	}
}

func TestTablesRefused(t *testing.T) {
	for text, want := range map[string]string{
		`embeddings = "hash"`:                              `m.toml:2: embeddings is "hash", which is no kind of embeddings; did you mean hashed?`,
		`embeddings = 4`:                                   "m.toml:2: embeddings is neither a kind of embeddings nor a table with kind and options",
		`embeddings = { rows = 4 }`:                        "embeddings.kind is missing; want the name of a kind of embeddings",
		`embeddings = { kind = "full", rows = 4 }`:         "embeddings.rows is not a key here",
		`embeddings = { kind = "hashed", row = 4 }`:        "embeddings.row is not a key here; did you mean rows?",
		`embeddings = { kind = "qr", collisions = 1 }`:     "m.toml:2: embeddings.collisions is 1, want 2 to",
		`embeddings = { kind = "qr", operation = "mult" }`: `embeddings.operation is "mult", want one of sum, product, concat`,
		"embedding_dim = 5\nembeddings = { kind = \"qr\", threshold = 0, operation = \"concat\" }": `embeddings of C1: operation = "concat" lays two halves side by side, and vectors have 5 numbers`,
	} {
		config, err := decode(t, "name = \"dnn\"\n"+text)
		if err == nil {
			_, err = config.Spec(ctr)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
