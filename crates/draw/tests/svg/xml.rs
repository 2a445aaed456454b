//! A reader of XML as strict as a browser, of as much of it as a picture uses.

/// An element, with its attributes, and the text in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.0 == name).map(|attribute| attribute.1.as_str())
    }

    pub(crate) fn has(&self, class: &str) -> bool {
        self.get("class").is_some_and(|classes| classes.split(' ').any(|other| other == class))
    }
}

/// All elements, in the order of their ends.
///
/// Panics where the document is not well-formed.
pub(crate) fn read(document: &str) -> Vec<Element> {
    let forbidden = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    assert!(!document.contains(forbidden), "a letter that XML forbids");
    let (mut open, mut done, mut rest): (Vec<Element>, Vec<Element>, &str) =
        (Vec::new(), Vec::new(), document);
    while !rest.is_empty() {
        let (text, after) = rest.split_once('<').unwrap_or((rest, ""));
        if let Some(element) = open.last_mut() {
            element.text += &plain(text);
        } else {
            assert!(text.trim().is_empty(), "text outside of the document: {text}");
        }
        if after.is_empty() {
            break;
        }
        let (tag, after) = after.split_once('>').expect("the end of a tag");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let element = open.pop().expect("an open element");
            assert_eq!(element.name, name, "elements are closed in their order");
            done.push(element);
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut element = Element { name: name.into(), ..Element::default() };
        while !attributes.is_empty() {
            let (name, after) = attributes.split_once("=\"").expect("a value");
            let (value, after) = after.split_once('"').expect("the end of a value");
            assert!(element.get(name).is_none(), "{name} twice in {tag}");
            element.attributes.push((name.into(), plain(value)));
            assert!(after.is_empty() || after.starts_with(' '), "a blank between attributes: {tag}");
            attributes = after.trim_start();
        }
        if empty { done.push(element) } else { open.push(element) }
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    done
}

/// Text, its entities resolved.
fn plain(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, after) = part.split_once(';').expect("the end of an entity");
        plain.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            _ => panic!("the entity {entity}"),
        });
        plain += after;
    }
    plain
}
