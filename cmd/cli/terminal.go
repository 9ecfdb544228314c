package cli

import (
	"io"
	"os"
	"syscall"
	"unsafe"
)

// terminal says whether w is a terminal that understands control sequences.
func terminal(w io.Writer) bool { return device(w) != nil && os.Getenv("TERM") != "dumb" }

// colour says whether text to w may have colours.
func colour(w io.Writer) bool { return terminal(w) && os.Getenv("NO_COLOR") == "" }

// device is w where that is a terminal, dumb or not, and nil otherwise.
func device(w io.Writer) *os.File {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return f
}

// columns is how wide the terminal is that w is, 0 where it is none or does not say.
func columns(w io.Writer) int {
	f := device(w)
	if f == nil {
		return 0
	}
	var size struct{ rows, columns, x, y uint16 } // struct winsize of tty_ioctl(4)
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size))); e != 0 {
		return 0
	}
	return int(size.columns)
}
