//go:build !cgo || !amd64 || noasm

package vec

var sets = []string{"go"}

func use(string) bool { return true }
