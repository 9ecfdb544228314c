package vec

// twin is a kernel and its Go twin, called alike with arguments of the given sizes for inner length n. Where eps is 0
// arguments are whole numbers and results must be equal; elsewhere it is the relative difference allowed: a few
// roundings of 6e-8 each, more where √, / or e^x come in.
type twin struct {
	name      string
	eps       float64
	sizes     func(n int) []int
	run, twin func(s [][]float32, n int)
}

// Ids into the 8 rows of a table, bags over them (one empty, the first starting above 0), and rows without duplicates.
var (
	someIDs  = []int32{7, 0, 3, 3, 5, 1, 7, 2, 2, 4, 6, 0, 1, 5, 5, 3, 7, 7, 0, 2, 6, 4, 1}
	someBags = []int32{1, 2, 2, 5, 9, 10, 20, 23}
	someRows = []int32{6, 2, 0, 7, 3}
	// The offsets of 8 bags of 1, 3, 0, 2, 4, 1, 1 and 5.
	someSizes = []int32{2, 3, 6, 6, 8, 12, 13, 14, 19}
)

// down are rows 339 to 0; its last n are those of a table of n rows or more, each once.
var down = func() (rows [340]int32) {
	for i := range rows {
		rows[i] = int32(len(rows) - 1 - i)
	}
	return rows
}()

func apart(n int) []int32 { return down[len(down)-n:] }

const (
	ids7 = 23 // len(someIDs)
	bag7 = 7  // len(someBags) − 1
)

func lengths(k int) func(n int) []int {
	return func(n int) []int {
		s := make([]int, k)
		for i := range s {
			s[i] = n
		}
		return s
	}
}

var twins = []twin{
	{"Axpy", 0, lengths(2), func(s [][]float32, n int) { Axpy(s[0], 3, s[1]) }, func(s [][]float32, n int) { axpyGo(s[0], 3, s[1]) }},
	{"Triad", 0, lengths(3), func(s [][]float32, n int) { Triad(s[0], s[1], 3, s[2]) }, func(s [][]float32, n int) { triadGo(s[0], s[1], 3, s[2]) }},
	{"MultiplyAdds", 0, func(int) []int { return []int{1} },
		func(s [][]float32, _ int) { s[0][0] = MultiplyAdds(40 * Round) },
		func(s [][]float32, _ int) { s[0][0] = multiplyAddsGo(40 * Round) }},
	{"Add", 0, lengths(2), func(s [][]float32, n int) { Add(s[0], s[1]) }, func(s [][]float32, n int) { addGo(s[0], s[1]) }},
	{"Scale", 0, lengths(1), func(s [][]float32, n int) { Scale(s[0], 3) }, func(s [][]float32, n int) { scaleGo(s[0], 3) }},
	{"Mul2", 0, lengths(3), func(s [][]float32, n int) { Mul2(s[0], s[1], s[2]) }, func(s [][]float32, n int) { mul2Go(s[0], s[1], s[2]) }},
	{"MulAdd", 0, lengths(3), func(s [][]float32, n int) { MulAdd(s[0], s[1], s[2]) }, func(s [][]float32, n int) { mulAddGo(s[0], s[1], s[2]) }},
	{"Dot", 0, func(n int) []int { return []int{n, n, 1} },
		func(s [][]float32, n int) { s[2][0] = Dot(s[0], s[1]) },
		func(s [][]float32, n int) { s[2][0] = dotGo(s[0], s[1]) }},
	{"Sum", 0, func(n int) []int { return []int{n, 1} },
		func(s [][]float32, n int) { s[1][0] = Sum(s[0]) },
		func(s [][]float32, n int) { s[1][0] = sumGo(s[0]) }},
	{"SumSquares", 0, func(n int) []int { return []int{n, 1} },
		func(s [][]float32, n int) { s[1][0] = float32(SumSquares(s[0])) },
		func(s [][]float32, n int) { s[1][0] = float32(sumSquaresGo(s[0])) }},
	{"AddRows", 0, func(n int) []int { return []int{n, 4*(n+3) + n} },
		func(s [][]float32, n int) { AddRows(s[0], s[1], n+3, 5, n) },
		func(s [][]float32, n int) { addRowsGo(s[0], s[1], n+3, 5, n) }},
	{"ReLU", 0, lengths(2), func(s [][]float32, n int) { ReLU(s[0], s[1]) }, func(s [][]float32, n int) { reluGo(s[0], s[1]) }},
	{"ReLUGrad", 0, func(n int) []int { return []int{2*(n+1) + n, 2*(n+2) + n, 2*(n+3) + n} },
		func(s [][]float32, n int) { ReLUGrad(s[0], n+1, s[1], n+2, s[2], n+3, 3, n) },
		func(s [][]float32, n int) { reluGradGo(s[0], n+1, s[1], n+2, s[2], n+3, 3, n) }},
	{"Sigmoid", 1e-6, lengths(2), func(s [][]float32, n int) { Sigmoid(s[0], s[1]) }, func(s [][]float32, n int) { sigmoidGo(s[0], s[1]) }},

	{"Gather", 0, func(n int) []int { return []int{(ids7-1)*(n+2) + n, 8 * n} },
		func(s [][]float32, n int) { Gather(s[0], n+2, s[1], n, someIDs, false) },
		func(s [][]float32, n int) { gatherGo(s[0], n+2, s[1], n, someIDs, false) }},
	{"GatherAdd", 0, func(n int) []int { return []int{(ids7-1)*(n+2) + n, 8 * n} },
		func(s [][]float32, n int) { Gather(s[0], n+2, s[1], n, someIDs, true) },
		func(s [][]float32, n int) { gatherGo(s[0], n+2, s[1], n, someIDs, true) }},
	{"GatherBags", 0, func(n int) []int { return []int{(bag7-1)*(n+2) + n, 8 * n} },
		func(s [][]float32, n int) { GatherBags(s[0], n+2, s[1], n, someIDs, someBags, false, false) },
		func(s [][]float32, n int) { gatherBagsGo(s[0], n+2, s[1], n, someIDs, someBags, false, false) }},
	{"GatherBagsAdd", 0, func(n int) []int { return []int{(bag7-1)*(n+2) + n, 8 * n} },
		func(s [][]float32, n int) { GatherBags(s[0], n+2, s[1], n, someIDs, someBags, false, true) },
		func(s [][]float32, n int) { gatherBagsGo(s[0], n+2, s[1], n, someIDs, someBags, false, true) }},
	{"GatherBagsMean", 1e-6, func(n int) []int { return []int{(bag7-1)*(n+2) + n, 8 * n} },
		func(s [][]float32, n int) { GatherBags(s[0], n+2, s[1], n, someIDs, someBags, true, true) },
		func(s [][]float32, n int) { gatherBagsGo(s[0], n+2, s[1], n, someIDs, someBags, true, true) }},
	{"SumRows", 0, func(n int) []int { return []int{bag7 * n, 7*(n+2) + n} },
		func(s [][]float32, n int) { SumRows(s[0], n, someBags, someIDs, s[1], n+2, 8, nil) },
		func(s [][]float32, n int) { sumRowsGo(s[0], n, someBags, someIDs, s[1], n+2, 8, nil) }},
	{"SumRowsMean", 1e-6, func(n int) []int { return []int{bag7 * n, 7*(n+2) + n} },
		func(s [][]float32, n int) { SumRows(s[0], n, someBags, someIDs, s[1], n+2, 8, someSizes) },
		func(s [][]float32, n int) { sumRowsGo(s[0], n, someBags, someIDs, s[1], n+2, 8, someSizes) }},

	{"SGD", 0, lengths(2), func(s [][]float32, n int) { SGD(s[0], s[1], 2) }, func(s [][]float32, n int) { axpyGo(s[0], -2, s[1]) }},
	{"Adagrad", 2e-6, lengths(3),
		func(s [][]float32, n int) { Adagrad(s[0], s[1], s[2], 0.1, 1e-10) },
		func(s [][]float32, n int) { adagradGo(s[0], s[1], s[2], 0.1, 1e-10) }},
	{"Adam", 2e-6, lengths(4),
		func(s [][]float32, n int) { Adam(s[0], s[1], s[2], s[3], 0.1, 0.9, 0.999, 1e-8, 0.19, 0.002) },
		func(s [][]float32, n int) { adamGo(s[0], s[1], s[2], s[3], 0.1, 0.9, 0.999, 1e-8, 0.19, 0.002) }},
	{"SGDRows", 0, func(n int) []int { return []int{8 * n, 5 * n} },
		func(s [][]float32, n int) { SGDRows(s[0], n, someRows, s[1], 2) },
		func(s [][]float32, n int) { sgdRowsGo(s[0], n, someRows, s[1], 2) }},
	{"AdagradRows", 2e-6, func(n int) []int { return []int{8 * n, 8 * n, 5 * n} },
		func(s [][]float32, n int) { AdagradRows(s[0], s[1], n, someRows, s[2], 0.1, 1e-10) },
		func(s [][]float32, n int) { adagradRowsGo(s[0], s[1], n, someRows, s[2], 0.1, 1e-10) }},
	{"AdagradRowsNarrow", 2e-6, func(n int) []int { return []int{5 * (n + 1), 5 * (n + 1), 5 * n} },
		func(s [][]float32, n int) { AdagradRows(s[0], s[1], 1, apart(5*n), s[2], 0.1, 1e-10) },
		func(s [][]float32, n int) { adagradRowsGo(s[0], s[1], 1, apart(5*n), s[2], 0.1, 1e-10) }},
	{"RowwiseAdagradRows", 2e-6, func(n int) []int { return []int{8 * (n + 1), 8, 5 * (n + 1)} },
		func(s [][]float32, n int) { RowwiseAdagradRows(s[0], s[1], n+1, someRows, s[2], 0.1, 1e-10) },
		func(s [][]float32, n int) { rowwiseAdagradRowsGo(s[0], s[1], n+1, someRows, s[2], 0.1, 1e-10) }},
	{"AdamRows", 2e-6, func(n int) []int { return []int{8 * n, 8 * n, 8 * n, 5 * n} },
		func(s [][]float32, n int) {
			AdamRows(s[0], s[1], s[2], n, someRows, s[3], 0.1, 0.9, 0.999, 1e-8, 0.19, 0.002)
		},
		func(s [][]float32, n int) {
			adamRowsGo(s[0], s[1], s[2], n, someRows, s[3], 0.1, 0.9, 0.999, 1e-8, 0.19, 0.002)
		}},
	{"AdamRowsNarrow", 2e-6, func(n int) []int { return []int{5 * (n + 1), 5 * (n + 1), 5 * (n + 1), 5 * n} },
		func(s [][]float32, n int) {
			AdamRows(s[0], s[1], s[2], 1, apart(5*n), s[3], 0.1, 0.9, 0.999, 1e-8, 0.19, 0.002)
		},
		func(s [][]float32, n int) {
			adamRowsGo(s[0], s[1], s[2], 1, apart(5*n), s[3], 0.1, 0.9, 0.999, 1e-8, 0.19, 0.002)
		}},

	{"FM", 0, func(n int) []int { return []int{5, 3 * n, 3 * 5 * n} },
		func(s [][]float32, n int) { FM(s[0], 2, s[1], s[2], 3, 5, n) },
		func(s [][]float32, n int) { fmGo(s[0], 2, s[1], s[2], 3, 5, n) }},
	{"FMGrad", 0, func(n int) []int { return []int{3 * 5 * n, 5, 3 * n, 3 * 5 * n} },
		func(s [][]float32, n int) { FMGrad(s[0], s[1], 2, s[2], s[3], 3, 5, n) },
		func(s [][]float32, n int) { fmGradGo(s[0], s[1], 2, s[2], s[3], 3, 5, n) }},
	{"DotPairs", 0, func(n int) []int { return []int{13 + 10, 2 * 5 * n} },
		func(s [][]float32, n int) { DotPairs(s[0], 13, s[1], 2, 5, n, false) },
		func(s [][]float32, n int) { dotPairsGo(s[0], 13, s[1], 2, 5, n, false) }},
	{"DotPairsSelf", 0, func(n int) []int { return []int{n*(n+1)/2 + n*(n+1)/2, 2 * 9 * n} },
		func(s [][]float32, n int) { DotPairs(s[0], n*(n+1)/2, s[1], 2, n, 9, true) },
		func(s [][]float32, n int) { dotPairsGo(s[0], n*(n+1)/2, s[1], 2, n, 9, true) }},
	{"DotPairsGrad", 0, func(n int) []int { return []int{2 * 5 * n, 13 + 10, 2 * 5 * n} },
		func(s [][]float32, n int) { DotPairsGrad(s[0], s[1], 13, s[2], 2, 5, n, false) },
		func(s [][]float32, n int) { dotPairsGradGo(s[0], s[1], 13, s[2], 2, 5, n, false) }},
	{"DotPairsGradSelf", 0, func(n int) []int { return []int{2 * 9 * n, n*(n+1)/2 + n*(n+1)/2, 2 * 9 * n} },
		func(s [][]float32, n int) { DotPairsGrad(s[0], s[1], n*(n+1)/2, s[2], 2, n, 9, true) },
		func(s [][]float32, n int) { dotPairsGradGo(s[0], s[1], n*(n+1)/2, s[2], 2, n, 9, true) }},
	{"HadamardPairs", 0, func(n int) []int { return []int{6*n + 2 + 6*n, 2 * 4 * n} },
		func(s [][]float32, n int) { HadamardPairs(s[0], 6*n+2, s[1], 2, 4, n) },
		func(s [][]float32, n int) { hadamardPairsGo(s[0], 6*n+2, s[1], 2, 4, n) }},
	{"HadamardPairsGrad", 0, func(n int) []int { return []int{2 * 4 * n, 6*n + 2 + 6*n, 2 * 4 * n} },
		func(s [][]float32, n int) { HadamardPairsGrad(s[0], s[1], 6*n+2, s[2], 2, 4, n) },
		func(s [][]float32, n int) { hadamardPairsGradGo(s[0], s[1], 6*n+2, s[2], 2, 4, n) }},
	{"CrossVector", 0, func(n int) []int { return []int{3 * n, 3, 3 * n, 3 * n, n, n} },
		func(s [][]float32, n int) { CrossVector(s[0], s[1], s[2], s[3], s[4], s[5], 3, n) },
		func(s [][]float32, n int) { crossVectorGo(s[0], s[1], s[2], s[3], s[4], s[5], 3, n) }},
	{"CrossVectorGrad", 0, func(n int) []int { return []int{3 * n, 3 * n, n, n, 3 * n, 3, 3 * n, 3 * n, n} },
		func(s [][]float32, n int) {
			CrossVectorGrad(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], 3, n)
		},
		func(s [][]float32, n int) {
			crossVectorGradGo(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], 3, n)
		}},

	{"DotRows", 0, func(n int) []int { return []int{9, 4*(n+1) + n, 4*(n+2) + n} },
		func(s [][]float32, n int) { DotRows(s[0], 2, s[1], n+1, s[2], n+2, 5, n) },
		func(s [][]float32, n int) { dotRowsGo(s[0], 2, s[1], n+1, s[2], n+2, 5, n) }},
	{"AxpyRows", 0, func(n int) []int { return []int{4*(n+1) + n, 9, 4*(n+2) + n} },
		func(s [][]float32, n int) { AxpyRows(s[0], n+1, s[1], 2, s[2], n+2, 5, n) },
		func(s [][]float32, n int) { axpyRowsGo(s[0], n+1, s[1], 2, s[2], n+2, 5, n) }},
	{"MulRows", 0, func(n int) []int { return []int{4*(n+1) + n, 4*(n+2) + n, 4*(n+3) + n} },
		func(s [][]float32, n int) { MulRows(s[0], n+1, s[1], n+2, s[2], n+3, 5, n) },
		func(s [][]float32, n int) { mulRowsGo(s[0], n+1, s[1], n+2, s[2], n+3, 5, n) }},
	{"MulAddRows", 0, func(n int) []int { return []int{4*(n+1) + n, 4*(n+2) + n, 4*(n+3) + n} },
		func(s [][]float32, n int) { MulAddRows(s[0], n+1, s[1], n+2, s[2], n+3, 5, n) },
		func(s [][]float32, n int) { mulAddRowsGo(s[0], n+1, s[1], n+2, s[2], n+3, 5, n) }},
	{"SoftmaxRows", 1e-6, func(n int) []int { return []int{4*(n+2) + n + 1} },
		func(s [][]float32, n int) { SoftmaxRows(s[0], n+2, 5, n+1) },
		func(s [][]float32, n int) { softmaxRowsGo(s[0], n+2, 5, n+1) }},
	{"Bi", 0, func(n int) []int { return []int{2*(n+1) + n, 3 * n, 12 * n} },
		func(s [][]float32, n int) { Bi(s[0], n+1, s[1], s[2], 3, 4, n) },
		func(s [][]float32, n int) { biGo(s[0], n+1, s[1], s[2], 3, 4, n) }},
	{"BiGrad", 0, func(n int) []int { return []int{12 * n, 2*(n+1) + n, 3 * n, 12 * n} },
		func(s [][]float32, n int) { BiGrad(s[0], s[1], n+1, s[2], s[3], 3, 4, n) },
		func(s [][]float32, n int) { biGradGo(s[0], s[1], n+1, s[2], s[3], 3, 4, n) }},
	{"FieldAware", 0, func(n int) []int { return []int{3, 18 * n} },
		func(s [][]float32, n int) { FieldAware(s[0], 2, s[1], 2, 3, n) },
		func(s [][]float32, n int) { fieldAwareGo(s[0], 2, s[1], 2, 3, n) }},
	{"FieldAwareGrad", 0, func(n int) []int { return []int{18 * n, 3, 18 * n} },
		func(s [][]float32, n int) { FieldAwareGrad(s[0], s[1], 2, s[2], 2, 3, n) },
		func(s [][]float32, n int) { fieldAwareGradGo(s[0], s[1], 2, s[2], 2, 3, n) }},
	{"ScaleFields", 0, func(n int) []int { return []int{3*(3*n+2) + 3*n, 3*4 + 3, 3 * n} },
		func(s [][]float32, n int) { ScaleFields(s[0], 3*n+2, s[1], 4, s[2], 4, 3, n) },
		func(s [][]float32, n int) { scaleFieldsGo(s[0], 3*n+2, s[1], 4, s[2], 4, 3, n) }},
	{"ScaleFieldsGrad", 0, func(n int) []int { return []int{3 * n, 3*(3*n+2) + 3*n, 3*4 + 3} },
		func(s [][]float32, n int) { ScaleFieldsGrad(s[0], s[1], 3*n+2, s[2], 4, 4, 3, n) },
		func(s [][]float32, n int) { scaleFieldsGradGo(s[0], s[1], 3*n+2, s[2], 4, 4, 3, n) }},
	{"Transpose", 0, func(n int) []int { return []int{2 * 9 * n, 2 * 9 * n} },
		func(s [][]float32, n int) { Transpose(s[0], s[1], 2, 9, n) },
		func(s [][]float32, n int) { transposeGo(s[0], s[1], 2, 9, n) }},
	{"TransposeAdd", 0, func(n int) []int { return []int{2 * 9 * n, 2 * 9 * n} },
		func(s [][]float32, n int) { TransposeAdd(s[0], s[1], 2, n, 9) },
		func(s [][]float32, n int) { transposeAddGo(s[0], s[1], 2, n, 9) }},
	{"OuterRows", 0, func(n int) []int { return []int{4 * 5 * n, 3*7 + 5, 3*(n+1) + n} },
		func(s [][]float32, n int) { OuterRows(s[0], s[1], 7, s[2], n+1, 4, 5, n) },
		func(s [][]float32, n int) { outerRowsGo(s[0], s[1], 7, s[2], n+1, 4, 5, n) }},
	{"OuterRowsLong", 0, func(n int) []int { return []int{2 * (n + 240), 2, 2 * (n + 240)} },
		func(s [][]float32, n int) { OuterRows(s[0], s[1], 1, s[2], n+240, 2, 1, n+240) },
		func(s [][]float32, n int) { outerRowsGo(s[0], s[1], 1, s[2], n+240, 2, 1, n+240) }},
	{"OuterRowsGrad", 0, func(n int) []int { return []int{3*6 + 5, 3*(n+2) + n, 4 * 5 * n, 3*7 + 5, 3*(n+1) + n} },
		func(s [][]float32, n int) { OuterRowsGrad(s[0], 6, s[1], n+2, s[2], s[3], 7, s[4], n+1, 4, 5, n) },
		func(s [][]float32, n int) { outerRowsGradGo(s[0], 6, s[1], n+2, s[2], s[3], 7, s[4], n+1, 4, 5, n) }},
	{"OuterRowsGradLong", 0, func(n int) []int { return []int{2 * 3, 2 * (n + 240), 2 * 3 * (n + 240), 2 * 3, 2 * (n + 240)} },
		func(s [][]float32, n int) {
			OuterRowsGrad(s[0], 3, s[1], n+240, s[2], s[3], 3, s[4], n+240, 2, 3, n+240)
		},
		func(s [][]float32, n int) {
			outerRowsGradGo(s[0], 3, s[1], n+240, s[2], s[3], 3, s[4], n+240, 2, 3, n+240)
		}},
	{"OuterRowsGradSquare", 0, func(n int) []int { return []int{4 * n, 4 * n * n, 4 * n} },
		func(s [][]float32, n int) { OuterRowsGrad(s[0], n, s[0], n, s[1], s[2], n, s[2], n, 4, n, n) },
		func(s [][]float32, n int) { outerRowsGradGo(s[0], n, s[0], n, s[1], s[2], n, s[2], n, 4, n, n) }},
}
