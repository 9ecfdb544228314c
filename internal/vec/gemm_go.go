package vec

func packGo(dst, b []float32, rs, cs, k, k0, k1, j0, j1 int) {
	for j := j0; j < j1; j += Panel {
		panel := dst[j*k:]
		for p := k0; p < k1; p++ {
			row := panel[p*Panel:][:Panel]
			for x := range row {
				if row[x] = 0; j+x < j1 {
					row[x] = b[p*rs+(j+x)*cs]
				}
			}
		}
	}
}

func mulPackedGo(c []float32, ldc int, a []float32, lda int, b []float32, m, n, k int, e Epilogue) {
	var bias [4]float32
	for j := 0; j < n; j += 4 {
		w := min(4, n-j)
		if e.Bias != nil {
			copy(bias[:], e.Bias[j:j+w])
		}
		panel := b[j/Panel*Panel*k+j%Panel:]
		for i := range m {
			y := c[i*ldc+j:][:w]
			sums := dot4Go(a[i*lda:], 1, panel, k)
			for x := range y {
				v := sums[x] + bias[x]
				if e.Accumulate {
					v += y[x]
				}
				if e.ReLU && v < 0 {
					v = 0
				}
				if e.Mask != nil && !(e.Mask[i*e.MaskStride+j+x] > 0) {
					v = 0
				}
				y[x] = v
			}
		}
	}
}

func mulGo(c []float32, ldc int, a []float32, rsa, csa int, b []float32, rsb, csb int, m, n, k int, accumulate bool, scratch []float32) {
	packGo(scratch, b, rsb, csb, k, 0, k, 0, n)
	for j := 0; j < n; j += 4 {
		panel := scratch[j/Panel*Panel*k+j%Panel:]
		for i := range m {
			y := c[i*ldc+j:][:min(4, n-j)]
			sums := dot4Go(a[min(i*rsa, len(a)):], csa, panel, k)
			for x := range y {
				if !accumulate {
					y[x] = 0
				}
				y[x] += sums[x]
			}
		}
	}
}

// dot4Go is a row of A times four columns of a panel.
func dot4Go(a []float32, csa int, panel []float32, k int) (s [4]float32) {
	var s0, s1, s2, s3 float32
	for p := range k {
		v, b := a[p*csa], (*[4]float32)(panel[p*Panel:])
		s0 += v * b[0]
		s1 += v * b[1]
		s2 += v * b[2]
		s3 += v * b[3]
	}
	return [4]float32{s0, s1, s2, s3}
}

func mulScratchGo(_, n, k int) int { return PackedLen(k, n) }
