package scrape

import "net/http"

// Client returns how the target is asked: with its TLS settings and credentials, and following no
// redirect to another host. What is no exposition, such as a profile, can be fetched with it.
func (t Target) Client() (*http.Client, error) {
	f, err := newFetcher(t)
	if err != nil {
		return nil, err
	}
	return f.client, nil
}
