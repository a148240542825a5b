//! Verifiers that nobody here wrote agree: Go's sumdb over an export, ct-merkle over roots and proofs, and
//! sqlite3, zstd and jq over the file.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof};
use journal::{ExportError, Hash, TreeHead, export, list, prove, verify_consistency, verify_inclusion, vkey};
use proptest::prelude::*;
use sha2::Sha256;

use crate::common::{drafts, name, open};

/// Whether tests with programs from outside are switched off. Says so, so that nobody takes it for a pass.
fn skipped(what: &str) -> bool {
    let skip = std::env::var_os("SEKISHO_SKIP_ORACLES").is_some();
    if skip {
        eprintln!("!!! SEKISHO_SKIP_ORACLES is set: NOT checked with {what} !!!");
    }
    skip
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}; install it (see CONTRIBUTING) or set SEKISHO_SKIP_ORACLES")
    })
}

/// Builds the driver over Debian's golang-golang-x-mod-dev.
fn go_verifier(work: &Path) -> PathBuf {
    let program = work.join("verify");
    let built = run(Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/verify.go"))
        .envs([("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode"), ("GOFLAGS", "")])
        .env("GOCACHE", work.join("cache")));
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    program
}

fn accepted(output: &Output) -> bool {
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.success(), said.starts_with("ACCEPTED"), "{output:?}");
    output.status.success()
}

#[test]
fn go_accepts_an_export_and_no_tampered_one() {
    if skipped("Go's sumdb") {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let data = work.path().join("data");
    let journal = open(&data);
    // Two levels of tiles above the leaves', all with partial tiles at the edge.
    let size = 256 * 257 + 7;
    for from in (0..size).step_by(10_000) {
        journal.append(drafts("register", from..size.min(from + 10_000))).unwrap();
    }
    journal.append(drafts("operations", 0..1)).unwrap();
    let live = journal.prove(&name("register"), 300).unwrap();
    let go = go_verifier(work.path());
    // The server is still running: everything is read beside it.
    for (journal, size) in [("register", size), ("operations", 1)] {
        let out = work.path().join(journal);
        let checkpoint = export(&data, &name(journal), &out).unwrap();
        assert_eq!(checkpoint.head.size, size);
        let last = prove(&data, &name(journal), size - 1).unwrap();
        std::fs::write(work.path().join("last"), last.to_string()).unwrap();
        let key = vkey(&data, &name(journal)).unwrap();
        let last = work.path().join("last");
        let output = run(Command::new(&go).arg(&out).arg(&key).arg(last).arg((size - 1).to_string()));
        assert!(accepted(&output), "{output:?}");
    }
    let (out, key) = (work.path().join("register"), vkey(&data, &name("register")).unwrap());
    std::fs::write(work.path().join("live"), live.to_string()).unwrap();
    let with_proof =
        |index: &str| run(Command::new(&go).arg(&out).arg(&key).arg(work.path().join("live")).arg(index));
    assert!(accepted(&with_proof("300")));
    assert!(!accepted(&with_proof("301")));
    assert!(matches!(export(&data, &name("register"), &out), Err(ExportError::NotEmpty(_))));

    for file in
        ["checkpoint", "tile/entries/003", "tile/0/200", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"]
    {
        let bytes = std::fs::read(out.join(file)).unwrap();
        let mut changed = bytes.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 0x04;
        std::fs::write(out.join(file), &changed).unwrap();
        assert!(!accepted(&run(Command::new(&go).arg(&out).arg(&key))), "{file} changed");
        std::fs::write(out.join(file), &bytes[..bytes.len() - 1]).unwrap();
        assert!(!accepted(&run(Command::new(&go).arg(&out).arg(&key))), "{file} cut");
        std::fs::write(out.join(file), &bytes).unwrap();
    }
    std::fs::rename(out.join("tile/entries/003"), work.path().join("kept")).unwrap();
    std::fs::copy(out.join("tile/entries/004"), out.join("tile/entries/003")).unwrap();
    assert!(!accepted(&run(Command::new(&go).arg(&out).arg(&key))), "a bundle twice");
    std::fs::rename(work.path().join("kept"), out.join("tile/entries/003")).unwrap();
    let other = vkey(&data, &name("operations")).unwrap();
    assert!(!accepted(&run(Command::new(&go).arg(&out).arg(&other))), "another key");
    assert!(accepted(&run(Command::new(&go).arg(&out).arg(&key))), "put back as it was");
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Checks every root, and inclusion and consistency proofs among `sizes`, against ct-merkle.
fn compare(size: u64, pairs: &[(u64, u64)]) {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    journal.append(drafts("register", 0..size)).unwrap();
    let register = name("register");
    let entries: Vec<_> = journal.read(&register, 0..size).unwrap().map(|entry| entry.unwrap()).collect();
    let tree_of = |size: u64| {
        let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        entries[..size as usize].iter().for_each(|entry| tree.push(entry.bytes.clone()));
        tree
    };
    for &(a, b) in pairs {
        let (old, new) = (a.min(b).max(1), a.max(b).max(1));
        let (old_tree, new_tree) = (tree_of(old), tree_of(new));
        let head = |size: u64| TreeHead { size, root: journal.root_at(&register, size).unwrap() };
        assert_eq!(head(old).root.as_bytes()[..], old_tree.root().as_bytes()[..]);
        assert_eq!(head(new).root.as_bytes()[..], new_tree.root().as_bytes()[..]);

        let ours = journal.consistency_proof(&register, old, new).unwrap();
        assert!(verify_consistency(&head(old), &head(new), &ours));
        assert_eq!(bytes(&ours), new_tree.prove_consistency((new - old) as usize).as_bytes());
        let theirs = ConsistencyProof::<Sha256>::try_from_bytes(bytes(&ours)).unwrap();
        new_tree.root().verify_consistency(&old_tree.root(), &theirs).unwrap();

        let index = old - 1;
        let leaf = entries[index as usize].leaf_hash();
        let ours = journal.inclusion_proof(&register, index, new).unwrap();
        assert!(verify_inclusion(&leaf, index, &head(new), &ours));
        assert_eq!(bytes(&ours), new_tree.prove_inclusion(index as usize).as_bytes());
        let theirs = InclusionProof::<Sha256>::try_from_bytes(bytes(&ours)).unwrap();
        new_tree.root().verify_inclusion(&entries[index as usize].bytes, index, &theirs).unwrap();

        refuse_changed_proofs(&ours, &leaf, index, &head(new));
    }
}

/// A proof with one hash changed, dropped or added, or of another index, is no proof.
fn refuse_changed_proofs(proof: &[Hash], leaf: &Hash, index: u64, head: &TreeHead) {
    for position in 0..proof.len() {
        let mut changed = proof.to_vec();
        changed[position].0[7] ^= 1;
        assert!(!verify_inclusion(leaf, index, head, &changed));
        changed.remove(position);
        assert!(!verify_inclusion(leaf, index, head, &changed));
    }
    let mut longer = proof.to_vec();
    longer.push(*leaf);
    assert!(!verify_inclusion(leaf, index, head, &longer));
    assert!(!verify_inclusion(leaf, index + 1, head, proof));
    assert!(!verify_inclusion(leaf, head.size, head, proof));
}

#[test]
fn ct_merkle_agrees_at_the_boundaries_of_bundles() {
    let sizes = [1, 2, 3, 255, 256, 257, 511, 512, 513, 700];
    let pairs: Vec<(u64, u64)> =
        sizes.iter().flat_map(|&a| sizes.iter().map(move |&b| (a, b))).filter(|(a, b)| a <= b).collect();
    compare(700, &pairs);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ct_merkle_agrees(size in 1_u64..1500, seeds in prop::collection::vec((any::<u64>(), any::<u64>()), 6)) {
        let pairs: Vec<(u64, u64)> = seeds.iter().map(|(a, b)| (a % size + 1, b % size + 1)).collect();
        compare(size, &pairs);
    }
}

/// What the crate's documentation promises to whoever reads an entry in twenty years.
#[test]
fn sqlite3_zstd_and_jq_read_an_entry() {
    if skipped("sqlite3, zstd and jq") {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let journal = open(work.path());
    journal.append(drafts("register", 0..290)).unwrap();
    journal.append(drafts("register", 290..300)).unwrap();
    journal.close().unwrap();
    let shell = |script: &str| {
        let output = run(Command::new("sh").args(["-euc", script]).current_dir(work.path()));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let bundled = shell(
        r#"sqlite3 -readonly sekisho.db "SELECT writefile('b.zst', lines) FROM bundle JOIN journal ON journal = id
             WHERE name = 'register' AND n = 200 / 256" >/dev/null
           zstd -dcq b.zst | sed -n "$((200 % 256 + 1))p" | jq -r '"\(.n) \(.what)"'"#,
    );
    assert_eq!(bundled, "200 転入届を受けた\n");
    let in_tail = shell(
        r#"sqlite3 -readonly sekisho.db "SELECT lines FROM tail JOIN journal ON journal = id
             WHERE name = 'register' ORDER BY idx" | grep . | sed -n "$((299 % 256 + 1))p" | jq -r .n"#,
    );
    assert_eq!(in_tail, "299\n");
    assert_eq!(list(work.path()).unwrap()[1].to_string(), "register 300");
    export(work.path(), &name("register"), &work.path().join("out")).unwrap();
    let exported = shell(
        r#"perl -0777 -ne 'while (length) { my $n = unpack "n", $_; print substr($_, 2, $n), "\n"; $_ = substr $_, 2 + $n }' \
             out/tile/entries/000 | sed -n 201p | jq .n"#,
    );
    assert_eq!(exported, "200\n");
}
