package datasets

import "testing"

func TestTitleIn(t *testing.T) {
	for _, c := range []struct{ line, id, title string }{
		{"2|GoldenEye (1995)|01-Jan-1995||http://us.imdb.com/M|0|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0|1|0|0", "2", "GoldenEye (1995)"},
		{"545|Vampire in Brooklyn|1|||0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0", "545", "Vampire in Brooklyn"},
		{"73::Mis\xe9rables, Les (1995)::Drama|Musical", "73", "Misérables, Les (1995)"},
		{`11,"American President, The (1995)",Comedy|Drama|Romance`, "11", "American President, The (1995)"},
	} {
		if id, title, err := titleIn([]byte(c.line)); id != c.id || title != c.title || err != nil {
			t.Errorf("%q: %q %q, %v", c.line, id, title, err)
		}
	}
	if _, _, err := titleIn([]byte("alone")); err == nil {
		t.Error("a line without a title has one")
	}
}
