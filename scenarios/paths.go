package scenarios

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/prometheus/common/config"

	"brrtload/internal/diag"
)

// Path returns where a path of the scenario leads: beside the scenario's file, unless it is
// absolute.
func (s *Scenario) Path(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.dir, name)
}

// Program returns the program of a command: the absolute path of one beside the scenario where the
// name has a slash, else the name, which is looked up in PATH.
func (s *Scenario) Program(name string) string {
	if !strings.ContainsRune(name, filepath.Separator) {
		return name
	}
	if absolute, err := filepath.Abs(s.Path(name)); err == nil {
		return absolute
	}
	return s.Path(name)
}

// settle makes the paths that other code opens lead beside the scenario, and wants the files that
// are read before the load to be there. A scenario that a run has kept is judged without them.
func (s *Scenario) settle(found *diag.List) {
	if s.settings.Kept {
		return
	}
	s.files(&s.Transport.TLS.TLSConfig, s.Transport.TLS.node, found)
	s.files(&s.Scrape.HTTP.HTTPClientConfig, s.Scrape.HTTP.node, found)
	for i := range s.Scrape.Endpoints {
		e := &s.Scrape.Endpoints[i]
		s.files(&e.HTTP.HTTPClientConfig, e.HTTP.node, found)
	}
	if p := s.Scrape.Prometheus; p != nil {
		s.files(&p.HTTP.HTTPClientConfig, p.HTTP.node, found)
	}
	if s.Logs != nil {
		s.Logs.given, s.Logs.File = s.Logs.File, s.Path(s.Logs.File)
	}
	if !strings.HasPrefix(s.Transport.Unix, "@") { // an abstract socket is no file
		s.Transport.Unix = s.Path(s.Transport.Unix)
	}
}

// directed is a configuration that names files.
type directed interface{ SetDirectory(dir string) }

// files reads every file that a configuration of Prometheus's library names, and makes its paths
// lead beside the scenario.
func (s *Scenario) files(c directed, n diag.Node, found *diag.List) {
	if n.IsZero() {
		return
	}
	wrong := len(*found)
	eachFile(reflect.ValueOf(c).Elem(), func(key, name string) {
		text, err := s.readSecret(name)
		if err != nil {
			place, ok := find(n, name)
			if !ok {
				place = n
			}
			*found = append(*found, place.Errorf("read %s: %v", s.Path(name), reason(err)))
		} else if !strings.HasPrefix(key, "ca_") && !strings.HasPrefix(key, "cert_") &&
			!strings.HasPrefix(key, "key_") {
			s.fromFiles = append(s.fromFiles, strings.TrimSpace(string(text)))
		}
	})
	c.SetDirectory(s.dir)
	tls, ok := c.(*config.TLSConfig)
	if client, is := c.(*config.HTTPClientConfig); is {
		tls, ok = &client.TLSConfig, true
	}
	if !ok || len(*found) > wrong {
		return
	}
	if _, err := config.NewTLSConfig(tls); err != nil {
		*found = append(*found, n.Errorf("%v", reason(err)))
	}
}

// eachFile calls each for every file that a configuration names, with its key: the fields whose
// keys end in "_file".
func eachFile(v reflect.Value, each func(key, name string)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachFile(v.Elem(), each)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachFile(v.Index(i), each)
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			eachFile(entry.Value(), each)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			switch {
			case field.Type.Kind() == reflect.String && strings.HasSuffix(key, "_file"):
				if name := v.Field(i).String(); name != "" {
					each(key, name)
				}
			case key == "files" && field.Type == reflect.TypeFor[[]string]():
				for j := range v.Field(i).Len() {
					each(key, v.Field(i).Index(j).String())
				}
			default:
				eachFile(v.Field(i), each)
			}
		}
	}
}

// find returns the first scalar of that text below a node.
func find(n diag.Node, text string) (diag.Node, bool) {
	if n.IsScalar() {
		return n, n.Scalar() == text
	}
	children := n.Items()
	for _, key := range n.Keys() {
		if value, ok := n.Get(key.Scalar()); ok {
			children = append(children, value)
		}
	}
	for _, child := range children {
		if place, ok := find(child, text); ok {
			return place, true
		}
	}
	return diag.Node{}, false
}

// absent warns of a program beside the scenario that is not there: it may be built before the run.
func (s *Scenario) absent() (warning diag.Diagnostic, found bool) {
	if len(s.Target.Command) == 0 || !strings.ContainsRune(s.Target.Command[0], filepath.Separator) || s.settings.Kept {
		return diag.Diagnostic{}, false
	}
	if _, err := os.Stat(s.Program(s.Target.Command[0])); err == nil {
		return diag.Diagnostic{}, false
	}
	return s.at(s.place("target", "command"), "no program %s; build it before the run (a path is beside the scenario)",
		s.Program(s.Target.Command[0])), true
}
