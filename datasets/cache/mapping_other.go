//go:build !linux

package cache

import "os"

const willNeed, dontNeed = 0, 0

func mapped(*os.File, int64) []byte { return nil }

func advise([]byte, uint64, uint64, int) {}

func unmap([]byte) {}
