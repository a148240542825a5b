use super::*;
use jiff::civil::date;

fn real() -> Bundle {
    embedded("tokorozawa-2002").expect("the profile comes with the program")
}

fn loaded() -> Profile {
    Profile::load(&real()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_profile_of_tokorozawa_has_no_fault() {
    let profile = loaded();
    assert_eq!((profile.chapters().len(), profile.articles().len()), (10, 30));
    assert_eq!(profile.demands().len(), 49);
    assert_eq!(profile.in_force(), date(2002, 7, 26));
}
