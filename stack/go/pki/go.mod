module refit/stack/pki

go 1.24.0
