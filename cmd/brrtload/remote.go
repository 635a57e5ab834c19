package main

import (
	"net/url"

	"brrtload/internal/diag"
	"brrtload/internal/remotewrite"
)

// remoteSink returns where a run's samples are sent besides, nil without an address.
func remoteSink(address string) (*remotewrite.Sink, error) {
	if address == "" {
		return nil, nil
	}
	sink, err := remotewrite.New(address)
	if err != nil {
		shown := "the URL given" // it may hold a password
		if u, parsed := url.Parse(address); parsed == nil {
			shown = u.Redacted()
		}
		return nil, diag.FlagText("--remote-write", shown).Errorf("%v", err)
	}
	return sink, nil
}
