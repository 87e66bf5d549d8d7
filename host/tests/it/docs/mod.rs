//! What the docs say about the command line, and what they show, is so.

mod claims;
mod text;

use std::collections::BTreeSet;
use std::fs;

use clap::Command;
use picloud::config::remote_settings;

use crate::harness::binary::{Ended, picloud, root};

/// `picloud app create` and its like: the commands that do something.
fn leaves(command: &Command, name: &str, found: &mut Vec<(String, Command)>) {
    let mut subcommands = command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
        .peekable();
    if subcommands.peek().is_none() {
        found.push((name.to_owned(), command.clone()));
    }
    for sub in subcommands {
        leaves(sub, &format!("{name} {}", sub.get_name()), found);
    }
}

#[test]
fn every_command_and_option_is_documented_and_no_other() {
    let document = fs::read_to_string(root().join("docs/cli.md")).expect("docs/cli.md");
    let (shared, sections) = document.split_once("\n## `").expect("sections");
    let sections: Vec<(&str, &str)> = sections
        .split("\n## `")
        .filter_map(|section| section.split_once("`\n"))
        .collect();

    let mut commands = Vec::new();
    leaves(&picloud::cli::command(), "picloud", &mut commands);
    let named: BTreeSet<&str> = sections.iter().map(|(name, _)| *name).collect();
    let known: BTreeSet<&str> = commands.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(named, known);

    for (name, command) in &commands {
        let (_, text) = sections
            .iter()
            .find(|(section, _)| section == name)
            .expect("its section");
        for argument in command
            .get_arguments()
            .filter(|argument| !["help", "version"].contains(&argument.get_id().as_str()))
        {
            let shown = match argument.get_long() {
                Some(long) => format!("--{long}"),
                None => argument
                    .get_value_names()
                    .map_or_else(String::new, |names| names[0].to_string()),
            };
            assert!(
                text.contains(&shown) || shared.contains(&shown),
                "docs/cli.md: {name} does not mention {shown}"
            );
        }
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(about.len() > 10, "{name} says nothing of itself in its help");
    }
}

#[test]
fn defaults_of_options_are_said() {
    let document = fs::read_to_string(root().join("docs/cli.md")).expect("docs/cli.md");
    let mut commands = vec![("picloud".to_owned(), picloud::cli::command())];
    leaves(&picloud::cli::command(), "picloud", &mut commands);
    for (name, command) in &commands {
        let section = document
            .split("\n## ")
            .find(|section| section.starts_with(&format!("`{name}`")));
        for argument in command.get_arguments() {
            let (option, help) = (argument.get_id(), argument.get_help().map(ToString::to_string));
            if argument.get_action().takes_values() {
                for default in argument.get_default_values() {
                    let said = format!("({})", default.to_string_lossy());
                    let found = section.is_some_and(|section| section.contains(&said));
                    assert!(found, "docs/cli.md: {name} does not say {said} of {option}");
                }
            }
            for setting in remote_settings() {
                let of_it = format!("[env: {}]", setting.name);
                let said = match setting.default().as_str() {
                    "" => of_it.clone(),
                    default => format!("{of_it} [default: {default}]"),
                };
                let holds = help.iter().all(|help| !help.contains(&of_it) || help.contains(&said));
                assert!(holds, "{name}: the help of {option} does not say {said}");
            }
        }
    }
}

#[test]
fn every_option_in_the_docs_exists() {
    let mut commands = Vec::new();
    leaves(&picloud::cli::command(), "picloud", &mut commands);
    let mut known: BTreeSet<String> = ["--json", "--url", "--token", "--help", "--version"]
        .map(str::to_owned)
        .into();
    for (_, command) in &commands {
        known.extend(
            command
                .get_arguments()
                .filter_map(|argument| argument.get_long())
                .map(|long| format!("--{long}")),
        );
    }
    let document = fs::read_to_string(root().join("docs/cli.md")).expect("docs/cli.md");
    for word in document
        .split(|c: char| c.is_whitespace() || "`,:;.()".contains(c))
        .filter(|word| {
            word.strip_prefix("--")
                .is_some_and(|name| name.starts_with(char::is_alphabetic))
        })
    {
        assert!(
            known.contains(word),
            "docs/cli.md mentions {word}, which no command has"
        );
    }
}

#[test]
fn every_script_in_the_docs_compiles() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join("docs")).expect("docs/") {
        let path = entry.expect("an entry").path();
        let document = fs::read_to_string(&path).expect("a readable document");
        for (number, block) in document.split("```rhai\n").skip(1).enumerate() {
            let name = format!("{}_{number}.rhai", path.file_stem().expect("a name").to_string_lossy());
            files.push(folder.path().join(name));
            fs::write(&files[files.len() - 1], block.split("```").next().unwrap_or_default()).expect("a file");
        }
    }
    assert!(!files.is_empty());
    let ended = Ended::of(picloud(["check"]).args(&files));
    assert_eq!(ended.code, 0, "{}", ended.text());
}

#[test]
fn the_readme_shows_examples_as_they_are() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let shown: Vec<&str> = readme
        .split("```rhai\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(shown.len(), 2, "README.md shows two scripts");
    let examples = fs::read_dir(root().join("sdk/examples"))
        .expect("the examples")
        .map(|entry| entry.expect("an entry").path());
    let examples: Vec<String> = examples
        .filter(|path| path.extension().is_some_and(|extension| extension == "rhai"))
        .map(|path| fs::read_to_string(path).expect("a readable script"))
        .collect();
    for script in shown {
        assert!(
            examples.iter().any(|example| example == script),
            "README.md shows a script that is no example:\n{script}"
        );
    }
}
