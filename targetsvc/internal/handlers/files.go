package handlers

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
)

//go:embed static docs
var bundled embed.FS

// Files are the directories that files are served from.
type Files struct {
	Static, Docs fs.FS
	Spec         []byte // the OpenAPI document, served among the docs as openapi.yaml
}

// OpenFiles opens the directories; one that is "" is the bundled one. Nothing outside a directory
// can be reached, not even by a symbolic link.
func OpenFiles(staticDir, docDir string) (Files, error) {
	static, err := open(staticDir, "static")
	if err != nil {
		return Files{}, err
	}
	docs, err := open(docDir, "docs")
	return Files{Static: static, Docs: docs}, err
}

func open(dir, bundledDir string) (fs.FS, error) {
	if dir == "" {
		return fs.Sub(bundled, bundledDir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("serve files: %w", err)
	}
	return root.FS(), nil
}

// maxFile is the largest file that is served, in bytes.
const maxFile = 16 << 20

func (f Files) static(_ context.Context, c *Call) Response {
	return file(f.Static, c.Params.Get("file"))
}

func (f Files) docs(_ context.Context, c *Call) Response {
	name := c.Params.Get("file")
	if name == "openapi.yaml" {
		return whole(http.StatusOK, "application/yaml", f.Spec)
	}
	return file(f.Docs, name)
}

func file(from fs.FS, name string) Response {
	if !fs.ValidPath(name) {
		return notFound("file")
	}
	opened, err := from.Open(name)
	if err != nil {
		return notFound("file")
	}
	defer opened.Close()
	if about, err := opened.Stat(); err != nil || !about.Mode().IsRegular() || about.Size() > maxFile {
		return notFound("file")
	}
	body, err := io.ReadAll(io.LimitReader(opened, maxFile))
	if err != nil {
		return Failure(http.StatusInternalServerError, "the file cannot be read")
	}
	contentType := mime.TypeByExtension(path.Ext(name))
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	return whole(http.StatusOK, contentType, body)
}
