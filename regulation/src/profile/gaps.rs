//! Posts that the regulation leaves without an office: shown, not guessed.

use super::{Holders, Interpretation, Post, Profile, Scope, Section};

/// A section that uses Juki-Net and has no office from which a post of its kind follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap<'a> {
    /// The post, one to a section or to a room.
    pub post: &'a Post,
    /// The section without one.
    pub section: &'a Section,
    /// The reading that the city takes of it; none when nobody has read it yet.
    pub reading: Option<&'a Interpretation>,
}

impl Profile {
    /// The posts that some section lacks, in the order of the posts. A room lacks none: a profile is not loaded
    /// unless each room's entry manager follows from an office.
    pub fn gaps(&self) -> Vec<Gap<'_>> {
        let mut gaps = Vec::new();
        for post in &self.posts {
            let Holders::Offices(offices) = &post.holders else { continue };
            if post.scope == Scope::City {
                continue;
            }
            for section in self.sections.iter().filter(|section| section.uses_juki_net) {
                let of_section = self.offices.iter().filter(|office| office.section == section.id);
                if !of_section.into_iter().any(|office| offices.contains(&office.id)) {
                    gaps.push(Gap { post, section, reading: self.reading(post, section) });
                }
            }
        }
        gaps
    }

    /// A reading of the post's article that speaks of the section.
    fn reading(&self, post: &Post, section: &Section) -> Option<&Interpretation> {
        let article = |reading: &&Interpretation| {
            post.citations.iter().any(|citation| citation.article() == reading.citation.article())
        };
        let mut readings = self.interpretations.iter().filter(article);
        readings.find(|reading| reading.question.contains(&section.name))
    }
}
