//! Embeds the profiles of the repository, so that the program runs without any file beside it.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    // Relative to this folder, where build scripts run: a copy of the tree watches its own profiles.
    let profiles = PathBuf::from("../profiles");
    println!("cargo::rerun-if-changed={}", profiles.display());
    let mut code = String::from("static EMBEDDED: &[(&str, &str, &str)] = &[\n");
    for profile in children(&profiles)?.iter().filter(|path| path.is_dir()) {
        embed(profile, profile, &mut code)?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("embedded.rs"), code)?;
    Ok(())
}

fn embed(profile: &Path, folder: &Path, code: &mut String) -> Result<(), Box<dyn Error>> {
    for path in children(folder)? {
        if path.is_dir() {
            embed(profile, &path, code)?;
        } else if path.extension().is_some_and(|kind| kind == "toml" || kind == "cedar") {
            let name = profile.file_name().unwrap_or_default().to_string_lossy();
            let file = path.strip_prefix(profile)?.to_string_lossy().replace('\\', "/");
            let whole = fs::canonicalize(&path)?;
            writeln!(code, "    ({name:?}, {file:?}, include_str!({:?})),", whole.to_string_lossy())?;
        }
    }
    Ok(())
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths: Vec<_> =
        fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}
