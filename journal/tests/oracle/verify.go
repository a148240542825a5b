// Verifies an exported journal with golang.org/x/mod/sumdb, which nobody of this project wrote:
//
//	verify DIR VKEY [PROOF ENTRY-INDEX]...
//
// The signature of DIR/checkpoint, the tree recomputed from the entry bundles, every tile of the standard's
// layout, an inclusion proof of every 97th entry and of the last, and the proof files given.
// Debian: GO111MODULE=off GOPATH=/usr/share/gocode go build verify.go (golang-golang-x-mod-dev).
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = h[x]
	}
	return out, nil
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, args ...any) {
	fmt.Printf("NOT ACCEPTED: "+format+"\n", args...)
	os.Exit(1)
}

func open(text []byte, verifier note.Verifier) tlog.Tree {
	signed, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		fail("checkpoint of another origin")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}
}

// path is tile/L/N of the standard; Go's own form has the height in it, and "data" for entries.
func path(t tlog.Tile) string {
	own := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", height))
	if t.L == -1 {
		own = "entries" + strings.TrimPrefix(own, "data")
	}
	return "tile/" + own
}

func entries(dir string, n int64, width int) [][]byte {
	data, err := os.ReadFile(filepath.Join(dir, path(tlog.Tile{H: height, L: -1, N: n, W: width})))
	must(err)
	var out [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			fail("bundle %d is cut", n)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		out = append(out, data[2:end])
		data = data[end:]
	}
	if len(out) != width {
		fail("bundle %d has %d entries, not %d", n, len(out), width)
	}
	return out
}

func main() {
	dir, vkey := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(vkey)
	must(err)
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	must(err)
	tree := open(text, verifier)

	var stored hashes
	var leaves []tlog.Hash
	for at := int64(0); at < tree.N; at += 1 << height {
		width := tree.N - at
		if width > 1<<height {
			width = 1 << height
		}
		for _, entry := range entries(dir, at>>height, int(width)) {
			leaf := tlog.RecordHash(entry)
			more, err := tlog.StoredHashesForRecordHash(int64(len(leaves)), leaf, stored)
			must(err)
			stored, leaves = append(stored, more...), append(leaves, leaf)
		}
	}
	tiles := checkTiles(dir, tree.N, stored)
	root, err := tlog.TreeHash(tree.N, stored)
	must(err)
	if root != tree.Hash {
		fail("the root of the entries is %v, not %v", root, tree.Hash)
	}
	for i := int64(0); i < tree.N; i++ {
		if i%97 == 0 || i == tree.N-1 {
			proof, err := tlog.ProveRecord(tree.N, i, stored)
			must(err)
			must(tlog.CheckRecord(proof, tree.N, tree.Hash, i, leaves[i]))
		}
	}
	for i := 3; i+1 < len(os.Args); i += 2 {
		index, err := strconv.ParseInt(os.Args[i+1], 10, 64)
		must(err)
		checkProof(os.Args[i], index, leaves, verifier)
	}
	fmt.Printf("ACCEPTED: %d entries, %d tiles, root %v\n", tree.N, tiles, root)
}

func checkTiles(dir string, size int64, stored hashes) int {
	tiles := 0
	for level := 0; size>>(height*level) > 0; level++ {
		nodes := size >> (height * level)
		for n := int64(0); n<<height < nodes; n++ {
			width := nodes - n<<height
			if width > 1<<height {
				width = 1 << height
			}
			tile := tlog.Tile{H: height, L: level, N: n, W: int(width)}
			want, err := tlog.ReadTileData(tile, stored)
			must(err)
			got, err := os.ReadFile(filepath.Join(dir, path(tile)))
			must(err)
			if !bytes.Equal(want, got) {
				for i := range want {
					if i >= len(got) || want[i] != got[i] {
						fail("%s differs from the entries at hash %d", path(tile), i/32)
					}
				}
				fail("%s is too long", path(tile))
			}
			tiles++
		}
	}
	return tiles
}

// checkProof checks a C2SP tlog-proof file.
func checkProof(file string, index int64, leaves []tlog.Hash, verifier note.Verifier) {
	text, err := os.ReadFile(file)
	must(err)
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", index) {
		fail("%s is no proof of entry %d", file, index)
	}
	tree := open([]byte(checkpoint), verifier)
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		must(err)
		var hash tlog.Hash
		copy(hash[:], raw)
		proof = append(proof, hash)
	}
	must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaves[index]))
}
