//go:build !linux

package cache

import "os"

const willNeed, dontNeed = 0, 0

func mapped(*os.File, int64) []byte { return nil }

func size(*os.File) int64 { return 0 }

func advise([]byte, uint64, uint64, int) {}

func unmap([]byte) {}

func huge(v []uint32) []uint32 { return v }
