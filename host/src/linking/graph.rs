//! Who imports whom among the scripts of one app, or the files of one folder.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Names, each with what it imports by a literal name. What is imported and not there has no imports.
#[derive(Debug, Default, Clone)]
pub struct Graph {
    imports: BTreeMap<String, Vec<String>>,
}

/// From the first to the last, each importing the next.
pub type Chain = Vec<String>;

/// `a → b → c`
#[must_use]
pub fn arrows(chain: &[String]) -> String {
    chain.join(" → ")
}

impl Graph {
    /// Says what `name` imports; what was said before is forgotten.
    pub fn set<'a>(&mut self, name: &str, imports: impl IntoIterator<Item = &'a str>) {
        let mut each_once = Vec::new();
        for import in imports {
            if !each_once.iter().any(|known| known == import) {
                each_once.push(import.to_owned());
            }
        }
        self.imports.insert(name.to_owned(), each_once);
    }

    /// What `name` imports itself.
    #[must_use]
    pub fn of(&self, name: &str) -> &[String] {
        self.imports.get(name).map_or(&[], Vec::as_slice)
    }

    /// Everything that `name` imports, directly or through another, with a shortest chain from `name` to it.
    #[must_use]
    pub fn imports(&self, name: &str) -> BTreeMap<String, Chain> {
        Self::reach(name, |at| self.of(at).to_vec())
    }

    /// Everything that imports `name`, directly or through another, with a shortest chain from it to `name`.
    #[must_use]
    pub fn importers(&self, name: &str) -> BTreeMap<String, Chain> {
        let mut back: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (importer, imports) in &self.imports {
            for import in imports {
                back.entry(import).or_default().push(importer.clone());
            }
        }
        let mut reached = Self::reach(name, |at| back.get(at).cloned().unwrap_or_default());
        for chain in reached.values_mut() {
            chain.reverse();
        }
        reached
    }

    fn reach(start: &str, next: impl Fn(&str) -> Vec<String>) -> BTreeMap<String, Chain> {
        let mut reached = BTreeMap::new();
        let mut waiting = VecDeque::from([vec![start.to_owned()]]);
        while let Some(chain) = waiting.pop_front() {
            let here = chain.last().map_or("", String::as_str);
            for name in next(here) {
                if name != start && !reached.contains_key(&name) {
                    let longer: Chain = chain.iter().cloned().chain([name.clone()]).collect();
                    reached.insert(name, longer.clone());
                    waiting.push_back(longer);
                }
            }
        }
        reached
    }

    /// A chain from something back to itself, if there is one to be met from `name`.
    #[must_use]
    pub fn cycle(&self, name: &str) -> Option<Chain> {
        self.cycle_from(name, &mut Vec::new(), &mut BTreeSet::new())
    }

    fn cycle_from<'a>(
        &'a self,
        name: &'a str,
        chain: &mut Vec<&'a str>,
        clear: &mut BTreeSet<&'a str>,
    ) -> Option<Chain> {
        if let Some(start) = chain.iter().position(|earlier| *earlier == name) {
            let cycle = chain[start..].iter().chain([&name]);
            return Some(cycle.map(|name| (*name).to_owned()).collect());
        }
        if clear.contains(name) {
            return None;
        }
        chain.push(name);
        let cycle = self
            .of(name)
            .iter()
            .find_map(|next| self.cycle_from(next, chain, clear));
        chain.pop();
        clear.insert(name);
        cycle
    }

    /// The longest chain from `name`; there is no cycle to be met from it.
    #[must_use]
    pub fn longest(&self, name: &str) -> Chain {
        self.longest_from(name, &mut BTreeMap::new())
    }

    fn longest_from<'a>(&'a self, name: &'a str, known: &mut BTreeMap<&'a str, Chain>) -> Chain {
        if let Some(chain) = known.get(name) {
            return chain.clone();
        }
        let chains = self.of(name).iter().map(|next| self.longest_from(next, known));
        let rest = chains.max_by_key(Vec::len).unwrap_or_default();
        let chain: Chain = [name.to_owned()].into_iter().chain(rest).collect();
        known.insert(name, chain.clone());
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(imports: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        for (name, imported) in imports {
            graph.set(name, imported.split_whitespace());
        }
        graph
    }

    #[test]
    fn everything_is_reached_by_a_shortest_chain() {
        let graph = graph(&[
            ("shop", "cart tax"),
            ("cart", "tax money"),
            ("tax", "money"),
            ("alone", ""),
        ]);
        let reached = graph.imports("shop");
        assert_eq!(reached.keys().collect::<Vec<_>>(), ["cart", "money", "tax"]);
        assert_eq!(arrows(&reached["tax"]), "shop → tax");
        let importers = graph.importers("money");
        assert_eq!(importers.keys().collect::<Vec<_>>(), ["cart", "shop", "tax"]);
        assert_eq!(importers["shop"].len(), 3);
        assert!(graph.importers("alone").is_empty());
    }

    #[test]
    fn a_cycle_is_named_whole_and_without_the_way_to_it() {
        let graph = graph(&[("a", "b"), ("b", "c"), ("c", "d b"), ("d", "")]);
        assert_eq!(arrows(&graph.cycle("a").unwrap()), "b → c → b");
        assert_eq!(graph.cycle("d"), None);
        assert_eq!(arrows(&self::graph(&[("a", "a")]).cycle("a").unwrap()), "a → a");
    }

    #[test]
    fn many_ways_to_one_thing_are_no_cycle_and_quickly_walked() {
        let mut graph = Graph::default();
        for level in 0..200 {
            let next = [format!("a{}", level + 1), format!("b{}", level + 1)];
            graph.set(&format!("a{level}"), next.iter().map(String::as_str));
            graph.set(&format!("b{level}"), next.iter().map(String::as_str));
        }
        assert_eq!(graph.cycle("a0"), None);
        assert_eq!(graph.longest("a0").len(), 201);
    }
}
