package scenarios

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"brrtload/internal/diag"
)

// Redacted stands where a secret was, in whatever is kept of a run.
const Redacted = "REDACTED"

// ShortestSecret is how many bytes a secret has at least: a shorter one could not be distinguished from
// other text, and so not be kept out of reports.
const ShortestSecret = 4

// Secret is a text that no log, report or run directory may show. It is written in place, with
// references to variables if need be, or kept elsewhere: {env: NAME} or {file: PATH}, a path beside
// the scenario or an absolute one, of which white space around the text is left out.
type Secret struct {
	value string
	node  diag.Node
	from  source

	broken bool // it could not be read, which was reported
}

// source is where a secret is kept that is not written in the scenario. One of the two is given.
type source struct {
	Env  diag.Text `yaml:"env"`
	File diag.Text `yaml:"file"`
}

// UnmarshalNode implements diag.Unmarshaler.
func (s *Secret) UnmarshalNode(n diag.Node) error {
	s.node, s.broken = n, true
	if !n.IsMapping() {
		var text diag.Text
		err := n.Decode(&text)
		s.value, s.broken = text.Value, err != nil
		return err
	}
	if err := n.Decode(&s.from); err != nil {
		return err
	}
	s.broken = (s.from.Env.Value == "") == (s.from.File.Value == "")
	if s.broken {
		return n.Errorf("a secret is a text, {env: NAME} or {file: PATH}")
	}
	return nil
}

// IsZero reports whether the secret is left out.
func (s *Secret) IsZero() bool { return s.node.IsZero() }

// Reveal returns the secret itself.
func (s *Secret) Reveal() string { return s.value }

// String returns what may be shown.
func (s Secret) String() string { return Redacted }

// GoString returns what may be shown.
func (s Secret) GoString() string { return Redacted }

// resolve fetches the secret from where it is kept.
func (s *Secret) resolve(in *Scenario) *diag.Diagnostic {
	wrong := func(format string, args ...any) *diag.Diagnostic {
		d := s.node.Errorf(format, args...)
		return &d
	}
	switch {
	case s.IsZero(), s.broken:
		return nil
	case in.settings.Kept && s.node.IsMapping():
		s.value = Redacted
	case s.from.Env.Value != "":
		value, ok := in.settings.Environment(s.from.Env.Value)
		if !ok {
			return wrong("the environment has no %s", s.from.Env.Value)
		}
		s.value = value
	case s.from.File.Value != "":
		text, err := in.readSecret(s.from.File.Value)
		if err != nil {
			return wrong("read the secret: %v", reason(err))
		}
		s.value = strings.TrimSpace(string(text))
	}
	if len(s.value) < ShortestSecret {
		return wrong("a secret needs %d characters or more: a shorter one cannot be redacted; choose a longer one",
			ShortestSecret)
	}
	return nil
}

// maxSecret bounds a file that a secret is in, in bytes.
const maxSecret = 1 << 20

func (s *Scenario) readSecret(name string) ([]byte, error) {
	read := s.settings.ReadSecret
	if read == nil {
		read = func(name string) ([]byte, error) { return fs.ReadFile(s.Files, name) }
	}
	text, err := read(name)
	if err == nil && len(text) > maxSecret {
		err = fmt.Errorf("larger than %d bytes", maxSecret)
	}
	return text, err
}

// texts returns everything that shows the secret: itself, its lines, and the variables that it is
// made of.
func (s *Secret) texts(variables map[string]string) []string {
	if s.IsZero() {
		return nil
	}
	texts := append(strings.Split(s.value, "\n"), s.value)
	if s.node.IsScalar() {
		for _, name := range s.node.Variables() {
			texts = append(texts, variables[name])
		}
	}
	return texts
}

// HasSecrets reports whether there are any secrets, also of a scenario that was kept without them.
func (s *Scenario) HasSecrets() bool {
	return slices.ContainsFunc(s.allSecrets(), func(text string) bool { return len(text) >= ShortestSecret })
}

// Secrets returns the texts that no log, report or error may show, the longest first.
func (s *Scenario) Secrets() []string {
	all := s.allSecrets()
	for _, text := range slices.Clone(all) { // as they are in a query, in a path and between quotes
		quoted := strconv.Quote(text)
		all = append(all, url.QueryEscape(text), url.PathEscape(text), quoted[1:len(quoted)-1])
	}
	secrets := slices.DeleteFunc(all, func(text string) bool {
		return len(text) < ShortestSecret || text == Redacted || strings.HasPrefix(text, "${")
	})
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(secrets)
}

func (s *Scenario) allSecrets() []string {
	var secrets []string
	for _, c := range s.Credentials {
		secrets = append(secrets, s.credentialSecrets(c)...)
	}
	secrets = append(secrets, s.Target.Env.secrets(s.Variables)...)
	for i := range s.Requests {
		secrets = append(secrets, s.Requests[i].secrets(s.Variables)...)
	}
	secrets = append(secrets, s.Scrape.HTTP.secrets()...)
	secrets = append(secrets, s.fromFiles...)
	secrets = append(secrets, passwords(s.Target.URL, s.Target.Metrics, s.Transport.Proxy)...)
	for _, e := range s.Scrape.Endpoints {
		secrets = append(append(secrets, e.HTTP.secrets()...), passwords(e.URL)...)
	}
	if s.Memory != nil {
		secrets = append(secrets, passwords(s.Memory.URL)...)
	}
	if p := s.Scrape.Prometheus; p != nil {
		secrets = append(append(secrets, p.HTTP.secrets()...), passwords(p.URL)...)
	}
	return secrets
}

// SecretOwners returns for the texts of secrets what they are: credentials, with their names. A
// text that several credentials share is that of the first by name. Other secrets are left out.
func (s *Scenario) SecretOwners() map[string]string {
	owners := map[string]string{}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(s.Credentials))) {
		for _, text := range s.credentialSecrets(s.Credentials[name]) {
			owners[text] = fmt.Sprintf("credential %q", name)
		}
	}
	return owners
}

func (s *Scenario) credentialSecrets(c Credential) (texts []string) {
	for _, secret := range c.secrets() {
		texts = append(texts, secret.texts(s.Variables)...)
	}
	if field, ok := c.field(); ok {
		texts = append(texts, field.Value[strings.LastIndexByte(field.Value, ' ')+1:])
	}
	return texts
}

// Redactor puts [Redacted] instead of every secret. It is safe for concurrent use.
func (s *Scenario) Redactor() *strings.Replacer {
	var pairs []string
	for _, secret := range s.Secrets() {
		pairs = append(pairs, secret, Redacted)
	}
	return strings.NewReplacer(pairs...)
}

// confidential are the header fields whose values are secrets.
var confidential = []string{"authorization", "proxy-authorization", "cookie", "x-api-key"}

// secrets returns what of the request's header fields no report may show. A template is none: it is
// drawn for every hit.
func (r *Request) secrets(variables map[string]string) []string {
	var secrets []string
	for name, value := range r.Headers {
		if !slices.Contains(confidential, strings.ToLower(name)) || strings.Contains(value.Value, "{{") {
			continue
		}
		secrets = append(secrets, value.Value, value.Value[strings.LastIndexByte(value.Value, ' ')+1:])
		for _, name := range value.Variables() {
			secrets = append(secrets, variables[name])
		}
	}
	return secrets
}
