//! The rules of a run, and which of them a result means.

use super::item::Item;
use super::wire::{Component, ComponentRef, Reference, Rule, Rules};
use rustc_hash::FxHashMap;

/// The rules of the driver and its extensions, numbered through.
#[derive(Debug, Default)]
pub(super) struct RuleSet {
    rules: Vec<Rule>,
    components: Vec<Part>,
    by_id: FxHashMap<String, usize>,
}

/// A component and where its rules are.
#[derive(Debug)]
struct Part {
    name: Option<String>,
    guid: Option<String>,
    rules: std::ops::Range<usize>,
}

impl RuleSet {
    /// Takes the rules of the driver, then those of the extensions, in their order.
    pub(super) fn new(driver: &mut Component, loose: Rules, extensions: &mut [Component]) -> Self {
        let mut set = Self::default();
        let own = if driver.rules.0.is_empty() { loose } else { std::mem::take(&mut driver.rules) };
        set.add(driver, own);
        for extension in extensions {
            let rules = std::mem::take(&mut extension.rules);
            set.add(extension, rules);
        }
        set
    }

    fn add(&mut self, component: &Component, rules: Rules) {
        let start = self.rules.len();
        for (key, rule) in rules.0 {
            for id in [&key, &rule.id, &rule.guid].into_iter().flatten() {
                self.by_id.entry(id.clone()).or_insert(self.rules.len());
            }
            self.rules.push(rule);
        }
        let (name, guid) = (component.name.clone(), component.guid.clone());
        self.components.push(Part { name, guid, rules: start..self.rules.len() });
    }

    /// A rule by its number.
    pub(super) fn get(&self, number: usize) -> Option<&Rule> {
        self.rules.get(number)
    }

    /// The number of the rule that a result means.
    pub(super) fn of(&self, item: &Item) -> Option<usize> {
        let rule = item.rule.as_deref();
        let id = item.rule_id.as_deref().or_else(|| rule.and_then(|r| r.id.as_deref()));
        let index = rule.and_then(|r| r.index).or(item.rule_index);
        let component = rule.map(|r| &r.component);
        self.find(component, id, index).or_else(|| self.by_id.get(rule?.guid.as_deref()?).copied())
    }

    /// The number of the rule that a reference means.
    pub(super) fn referred(&self, reference: &Reference) -> Option<usize> {
        self.find(Some(&reference.component), reference.id.as_deref(), reference.index)
            .or_else(|| self.by_id.get(reference.guid.as_deref()?).copied())
    }

    /// The rule at an index of its component, if the id agrees; else the rule with the id, or with what a hierarchical id
    /// begins with.
    fn find(&self, component: Option<&ComponentRef>, id: Option<&str>, index: Option<u32>) -> Option<usize> {
        let at = index.and_then(|index| {
            let range = self.part(component)?.rules.clone();
            range.start.checked_add(index as usize).filter(|at| range.contains(at))
        });
        let agrees = |at: &usize| match (id, self.get(*at).and_then(|rule| rule.id.as_deref())) {
            (Some(id), Some(own)) => id.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            _ => true,
        };
        at.filter(agrees).or_else(|| self.by_name(id?))
    }

    fn by_name(&self, id: &str) -> Option<usize> {
        let mut name = id;
        // An id of many parts is looked up so often and no more.
        for _ in 0..32 {
            if let Some(found) = self.by_id.get(name) {
                return Some(*found);
            }
            name = name.rsplit_once('/')?.0;
        }
        None
    }

    fn part(&self, component: Option<&ComponentRef>) -> Option<&Part> {
        let Some(wanted) = component else { return self.components.first() };
        if let Some(index) = wanted.index {
            return self.components.get(1..)?.get(index as usize);
        }
        let same = |own: &Option<String>, wanted: &Option<String>| wanted.is_some() && own == wanted;
        let named = self.components.iter().find(|c| same(&c.guid, &wanted.guid) || same(&c.name, &wanted.name));
        named.or_else(|| self.components.first())
    }
}
