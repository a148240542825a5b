//! Prints article → policy → properties that break without it, as a Markdown table.

use proofs::{Profile, ProofError, Prover};

fn main() -> Result<(), ProofError> {
    let profile = Profile::load();
    let mut prover = Prover::start(profile.schema())?;
    let mut forbids: Vec<_> = profile.forbids().collect();
    forbids.sort_by_key(|forbid| (forbid.citation, &forbid.id));
    println!("| article | policy | actions | breaks without it |");
    println!("|---|---|---|---|");
    for forbid in forbids {
        let article = forbid.citation.map(|citation| citation.japanese()).unwrap_or_default();
        let mut broken: Vec<&str> =
            profile.noticed_by(&mut prover, forbid)?.into_iter().map(|(_, name)| name).collect();
        broken.sort_unstable();
        broken.dedup();
        println!("| {article} | `{}` | {} | {} |", forbid.id, forbid.actions.join(" "), broken.join("<br>"));
    }
    Ok(())
}
