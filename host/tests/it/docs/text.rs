//! The documents, and what is found in them.

use std::fs;
use std::process::Command;

use picloud::config::{Kind, Setting};

use crate::harness::binary::root;

/// One file of Markdown.
pub(super) struct Document {
    /// From the root.
    pub(super) name: String,
    text: String,
}

/// All that speak to people about what there is now.
pub(super) fn documents() -> Vec<Document> {
    let speaks = |name: &String| name.strip_suffix(".md").is_some_and(|stem| stem != "CHANGELOG");
    let read = |name: String| Document {
        text: fs::read_to_string(root().join(&name)).unwrap_or_else(|error| panic!("{name}: {error}")),
        name,
    };
    tracked().into_iter().filter(speaks).map(read).collect()
}

/// The files of the tree, those that are not committed yet too.
pub(super) fn tracked() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-co", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8_lossy(&listed.stdout);
    // What was taken away is listed until it is committed.
    let there = |file: &&str| root().join(file).exists();
    listed.lines().filter(there).map(str::to_owned).collect()
}

impl Document {
    /// Lines of its blocks of `language`.
    fn lines<'t>(&'t self, language: &str) -> impl Iterator<Item = &'t str> {
        let fence = format!("```{language}\n");
        let blocks: Vec<&str> = self.text.split(&fence).skip(1).collect();
        blocks
            .into_iter()
            .flat_map(|rest| rest.split("```").next().unwrap_or_default().lines())
    }

    /// What stands in back-ticks outside of blocks.
    fn spans(&self) -> impl Iterator<Item = &str> {
        let prose = self.text.split("```").step_by(2);
        prose.flat_map(|text| text.split('`').skip(1).step_by(2))
    }

    /// Calls of `picloud`, and whether they are whole: those in a block are, those in prose need not be.
    pub(super) fn commands(&self) -> Vec<(String, bool)> {
        let whole = self.lines("sh").map(|line| (line, true));
        let named = self.spans().map(|span| (span, false));
        whole
            .chain(named)
            .filter(|(line, _)| line.starts_with("picloud "))
            .map(|(line, whole)| {
                let end = [" | ", " > ", " < ", " #"]
                    .iter()
                    .filter_map(|mark| line.find(mark))
                    .min();
                (line[..end.unwrap_or(line.len())].to_owned(), whole)
            })
            .collect()
    }

    /// `PICLOUD_...` anywhere; a star stands for several.
    pub(super) fn variables(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (at, _) in self.text.match_indices("PICLOUD_") {
            let rest = &self.text[at..];
            let end = rest.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_');
            let end = end.unwrap_or(rest.len());
            if !rest[end..].starts_with('*') {
                found.push(rest[..end].to_owned());
            }
        }
        found
    }

    /// A setting and the value beside it: ``8 (`PICLOUD_X`)``, `` `PICLOUD_X` (20 s)``, `` `PICLOUD_X` (default `...`)``.
    pub(super) fn defaults(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (at, _) in self.text.match_indices("`PICLOUD_") {
            let (before, rest) = (&self.text[..at], &self.text[at + 1..]);
            let Some((name, after)) = rest.split_once('`') else {
                continue;
            };
            let beside = match before.strip_suffix('(') {
                Some(before) => before.trim_end().rsplit(['|', ',', ':', ';']).next(),
                None => after.strip_prefix(" (").and_then(|after| after.split(')').next()),
            };
            let shown = beside
                .unwrap_or_default()
                .trim()
                .trim_start_matches("default ")
                .trim_matches('`');
            // A value has no words but its unit.
            if (shown.starts_with(|c: char| c.is_ascii_digit()) || shown.starts_with("./"))
                && shown.split(' ').count() <= 2
            {
                found.push((name.to_owned(), shown.to_owned()));
            }
        }
        found
    }

    /// Words with an underline, as error codes and fields of JSON have them.
    pub(super) fn words(&self) -> Vec<String> {
        let word = |span: &&str| {
            let plain = span.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            plain && span.contains('_') && !span.starts_with('_') && !span.ends_with('_')
        };
        self.spans().filter(word).map(str::to_owned).collect()
    }

    /// Paths from the root, documents beside this one, and what its links lead to.
    pub(super) fn files(&self) -> Vec<String> {
        let folder = self.name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let beside = |name: &str| match name.strip_prefix("../") {
            Some(above) => above.to_owned(),
            None => format!("{folder}/{name}").trim_start_matches('/').to_owned(),
        };
        let tops = [
            "bench",
            "caddy",
            "dashboard",
            "docs",
            "fuzz",
            "guest",
            "host",
            "migrations",
            "sdk",
        ];
        let of_ours = |span: &&str| {
            let below = span.split_once('/').is_some_and(|(top, _)| tops.contains(&top));
            below && !span.contains([' ', '*', '{', '<'])
        };
        let from_above = |span: &str| span.strip_prefix("../").unwrap_or(span).to_owned();
        let named = self.spans().map(from_above).filter(|span| of_ours(&span.as_str()));
        let endings = [".md", ".rs", ".toml", ".sql"];
        let alone = |span: &&str| {
            let stem = endings.iter().find_map(|ending| span.strip_suffix(ending));
            stem.is_some_and(|stem| !stem.is_empty() && !stem.contains(['/', ' ', '*']))
        };
        // At the top, or beside this one.
        let files = self.spans().filter(alone).map(|name| {
            let at_the_top = root().join(name).exists();
            if at_the_top { name.to_owned() } else { beside(name) }
        });
        let links = self
            .text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next());
        let links = links
            .filter(|link| !link.is_empty() && !link.contains("://"))
            .map(beside);
        named.chain(files).chain(links).collect()
    }

    /// What `make`, or another that is called so, is told to do.
    pub(super) fn told(&self, program: &str) -> Vec<String> {
        let said = self.spans().chain(self.lines("sh"));
        let told = said.filter_map(|line| line.strip_prefix(program)?.strip_prefix(' '));
        told.map(|rest| rest.split(' ').next().unwrap_or_default().to_owned())
            .collect()
    }

    /// Method and path of the management API, without its prefix.
    pub(super) fn operations(&self) -> Vec<(String, String)> {
        let methods = ["GET", "PUT", "POST", "PATCH", "DELETE"];
        let operation = |span: &str| {
            let (method, path) = span.split_once(' ')?;
            let path = ["$API", "/api/v1"]
                .iter()
                .find_map(|prefix| path.strip_prefix(prefix))?;
            let path = path.split(['?', '#']).next()?;
            methods.contains(&method).then(|| (method.to_owned(), path.to_owned()))
        };
        self.spans().filter_map(operation).collect()
    }

    /// What is read of `req` and `ctx`, in prose and in scripts.
    pub(super) fn members(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for name in ["req", "ctx"] {
            for (at, dot) in self.text.match_indices(&format!("{name}.")) {
                let own = !self.text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
                let rest = &self.text[at + dot.len()..];
                let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_');
                let member = &rest[..end.unwrap_or(rest.len())];
                if own && !member.is_empty() {
                    found.push((name.to_owned(), member.to_owned()));
                }
            }
        }
        found
    }
}

/// A line of a shell as its words; quotes keep blanks together.
pub(super) fn shell_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ') if !word.is_empty() => words.push(std::mem::take(&mut word)),
            (None, ' ') => {}
            _ => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The forms that a setting's default has in prose, the one for people last.
pub(super) fn human(setting: &Setting) -> Vec<String> {
    let mut forms = vec![setting.default()];
    if let Kind::Number { default, unit, .. } = setting.kind {
        forms.push(grouped(default));
        match unit {
            "bytes" if default >= 1 << 20 && default % (1 << 20) == 0 => forms.push(format!("{} MiB", default >> 20)),
            "bytes" if default >= 1 << 10 && default % (1 << 10) == 0 => forms.push(format!("{} KiB", default >> 10)),
            "ms" if default % 1000 == 0 => forms.push(format!("{} s", default / 1000)),
            _ => {}
        }
    }
    forms
}

/// `1,000,000`.
pub(super) fn grouped(number: u64) -> String {
    let digits: Vec<char> = number.to_string().chars().rev().collect();
    let groups: Vec<String> = digits.chunks(3).map(|group| group.iter().collect()).collect();
    groups.join(",").chars().rev().collect()
}
