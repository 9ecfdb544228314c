package report

// drawTables shows accuracy against the bytes of tables, where variants differ in them.
func drawTables(g *group) *drawing {
	if !g.sizes() {
		return nil
	}
	return g.against("tables.bytes", "table size", "bytes that predictions read embedding and linear tables from (logarithmic)")
}

// sizes says whether one variant's tables are twice as large as another's.
func (g *group) sizes() bool {
	least, most := 0.0, 0.0
	for _, v := range g.ranked() {
		if x := v.interval("tables.bytes").Mean; x > 0 {
			if least == 0 {
				least = x
			}
			least, most = min(least, x), max(most, x)
		}
	}
	return least > 0 && most >= 2*least
}
