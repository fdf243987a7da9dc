// Writes the certificates of a local stack, because Node can read certificates but not make them.
//
// Standard input is {"directory": ..., "certificates": [{"name", "commonName", "organization", "hosts"}]}. A file that
// exists is kept, so that a second run changes nothing.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

type certificate struct {
	Name         string   `json:"name"`
	CommonName   string   `json:"commonName"`
	Organization string   `json:"organization"`
	Hosts        []string `json:"hosts"`
}

type request struct {
	Directory    string        `json:"directory"`
	Certificates []certificate `json:"certificates"`
}

func main() {
	log.SetFlags(0)
	var asked request
	check(json.NewDecoder(os.Stdin).Decode(&asked))
	path := func(name string) string { return filepath.Join(asked.Directory, name) }

	authority, authorityKey := loadAuthority(path("ca.crt"), path("ca.key"))
	for _, wanted := range asked.Certificates {
		if !exists(path(wanted.Name + ".crt")) {
			issue(wanted, path(wanted.Name), authority, authorityKey)
		}
	}
	if !exists(path("sa.pub")) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		check(err)
		public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		check(err)
		writeKey(path("sa.key"), key)
		write(path("sa.pub"), "PUBLIC KEY", public, 0o644)
	}
}

func loadAuthority(certificatePath, keyPath string) (*x509.Certificate, crypto.Signer) {
	if !exists(certificatePath) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		check(err)
		template := newTemplate("refit-stack-ca", "")
		template.IsCA, template.BasicConstraintsValid = true, true
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
		signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		check(err)
		writeKey(keyPath, key)
		write(certificatePath, "CERTIFICATE", signed, 0o644)
	}
	parsed, err := x509.ParseCertificate(read(certificatePath))
	check(err)
	key, err := x509.ParsePKCS8PrivateKey(read(keyPath))
	check(err)
	return parsed, key.(crypto.Signer)
}

func issue(wanted certificate, base string, authority *x509.Certificate, authorityKey crypto.Signer) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := newTemplate(wanted.CommonName, wanted.Organization)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	for _, host := range wanted.Hosts {
		if address := net.ParseIP(host); address != nil {
			template.IPAddresses = append(template.IPAddresses, address)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, authority, key.Public(), authorityKey)
	check(err)
	writeKey(base+".key", key)
	write(base+".crt", "CERTIFICATE", signed, 0o644)
}

func newTemplate(commonName, organization string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	check(err)
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(10, 0, 0),
	}
	if organization != "" {
		template.Subject.Organization = []string{organization}
	}
	return template
}

func writeKey(path string, key any) {
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)
	write(path, "PRIVATE KEY", encoded, 0o600)
}

// The rename makes a file appear whole or not at all: a killed launcher leaves no half certificate behind.
func write(path, kind string, content []byte, mode os.FileMode) {
	check(os.WriteFile(path+".tmp", pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), mode))
	check(os.Rename(path+".tmp", path))
}

func read(path string) []byte {
	content, err := os.ReadFile(path)
	check(err)
	block, _ := pem.Decode(content)
	if block == nil {
		log.Fatalf("%s: no PEM block", path)
	}
	return block.Bytes
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
