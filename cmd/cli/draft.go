package cli

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// writeTo writes a file, whole or not at all, or standard output for "-".
func (a *app) writeTo(command, name string, write func(io.Writer) error) error {
	if name == "-" {
		out := bufio.NewWriter(a.stdout)
		return environment(errors.Join(write(out), out.Flush()))
	}
	if err := replaceable(command, name); err != nil {
		return err
	}
	return environment(save(name, write))
}

// save writes a file, whole or not at all.
func save(name string, write func(io.Writer) error) error {
	f, err := create(name)
	if err != nil {
		return err
	}
	defer f.abandon()
	if err := write(f); err != nil {
		return err
	}
	return f.keep()
}

// replaceable refuses a name that a finished file would take from something other than a file: a device, a pipe, a link, a folder; and one
// whose folder is not there.
func replaceable(command, name string) error {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return usage("%s: --out is %s, which is there and no regular file", command, name)
	}
	if dir := filepath.Dir(name); !isDir(dir) {
		return usage("%s: --out is %s, and there is no folder %s", command, name, dir)
	}
	return nil
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// draft is a file that gets its name when it is whole.
type draft struct {
	*bufio.Writer
	file *os.File
	name string
}

func create(name string) (*draft, error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.part")
	if err != nil {
		return nil, err
	}
	return &draft{bufio.NewWriterSize(f, 1<<20), f, name}, nil
}

func (d *draft) keep() error {
	err := errors.Join(d.Flush(), d.file.Chmod(0o644), d.file.Close())
	if err == nil {
		err = os.Rename(d.file.Name(), d.name)
	}
	return err
}

// abandon removes what has not been kept.
func (d *draft) abandon() {
	d.file.Close()
	os.Remove(d.file.Name())
}
