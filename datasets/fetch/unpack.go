package fetch

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// maxUnpacked bounds what an archive may become.
const maxUnpacked = 64 << 30

// unpack writes the files of an archive into dir, without the folders that they lie in; other files stay as they are.
// What is there already in the right size is left alone.
func unpack(ctx context.Context, file, dir string) error {
	switch {
	case strings.HasSuffix(file, ".zip"):
		return unzip(ctx, file, dir)
	case strings.HasSuffix(file, ".tar.gz"):
		return untar(ctx, file, dir)
	}
	return nil
}

func unzip(ctx context.Context, file, dir string) error {
	z, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer z.Close()
	left := int64(maxUnpacked)
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return err
		}
		err = extract(ctx, dir, f.Name, int64(f.UncompressedSize64), in, &left)
		in.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func untar(ctx context.Context, file, dir string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	left := int64(maxUnpacked)
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := extract(ctx, dir, h.Name, h.Size, t, &left); err != nil {
			return err
		}
	}
}

// extract writes one file under its last name, whole or not at all.
func extract(ctx context.Context, dir, name string, size int64, in io.Reader, left *int64) error {
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	if base == "." || base == ".." || base == "/" {
		return fmt.Errorf("holds a file named %q", name)
	}
	to := filepath.Join(dir, base)
	if info, err := os.Lstat(to); err == nil && info.Mode().IsRegular() && info.Size() == size {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if *left -= size; *left < 0 || size < 0 {
		return fmt.Errorf("holds more than %d bytes", int64(maxUnpacked))
	}
	out, err := os.Create(to + ".part")
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(reader{ctx, in}, size+1))
	if err == nil && n != size {
		err = fmt.Errorf("%s has another size than the archive says", name)
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return errors.Join(err, os.Remove(to+".part"))
	}
	return os.Rename(to+".part", to)
}
