//! A city's security regulation as data: citations, demands, posts, versions in force.
