//! From pages to PDF: tagged, with bookmarks, page numbers and links; no date and no random id, so that the bytes are the same
//! for the same pages.

use super::fonts::{Face, Fonts};
use super::layout::Layout;
use super::sheet::{BOTTOM, Bookmark, Color, Drawing, HEIGHT, LEFT, MUTED, Piece, RIGHT, Role, Sheet, Target, WIDTH};
use crate::{Error, ErrorKind, Result};
use krilla::Document;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation};
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};
use std::num::NonZeroU16;

/// What a node of the structure holds, in the order of reading.
#[derive(Default)]
struct Held(Vec<Child>);

enum Child {
    Mark(Identifier),
    Node(usize),
}

pub(super) fn document(layout: &Layout, title: &str) -> Result<Vec<u8>> {
    let failed = || Error::new(ErrorKind::Render, "cannot lay out the PDF");
    let mut document = Document::new();
    let mut held: Vec<Held> = layout.nodes.iter().map(|_| Held::default()).collect();
    for (index, node) in layout.nodes.iter().enumerate() {
        if let Some(parent) = node.parent.and_then(|parent| held.get_mut(parent)) {
            parent.0.push(Child::Node(index));
        }
    }
    for (index, sheet) in layout.sheets.iter().enumerate() {
        let mut page = document.start_page_with(PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(failed)?);
        let mut surface = page.surface();
        pieces(&mut surface, &layout.fonts, sheet, &mut held);
        footer(&mut surface, &layout.fonts, title, index + 1, layout.sheets.len());
        surface.finish();
        for link in &sheet.links {
            let [x, y, width, height] = link.area;
            let rect = Rect::from_xywh(x, y, width, height).ok_or_else(failed)?;
            let Some(target) = target(&link.target, &layout.bookmarks) else { continue };
            let annotation = Annotation::new_link(LinkAnnotation::new(rect, target), Some(link.about.clone()));
            let mark = page.add_tagged_annotation(annotation);
            if let Some(node) = held.get_mut(link.node) {
                node.0.push(Child::Mark(mark));
            }
        }
        page.finish();
    }
    document.set_tag_tree(tree(layout, held));
    document.set_outline(outline(&layout.bookmarks));
    let creator = format!("securescan {}", crate::VERSION);
    let metadata = Metadata::new().title(title.to_owned()).language("en".to_owned()).creator(creator.clone()).producer(creator);
    document.set_metadata(metadata);
    document.finish().map_err(|e| Error::new(ErrorKind::Render, format!("cannot write the PDF: {e}")))
}

fn target(target: &Target, bookmarks: &[Bookmark]) -> Option<krilla::annotation::Target> {
    match target {
        Target::Web(url) => Some(krilla::annotation::Target::Action(Action::Link(LinkAction::new(url.clone())))),
        Target::Bookmark(index) => Some(krilla::annotation::Target::Destination(destination(bookmarks.get(*index)?).into())),
    }
}

fn destination(bookmark: &Bookmark) -> XyzDestination {
    XyzDestination::new(bookmark.sheet, Point::from_xy(LEFT, (bookmark.y - 12.0).max(0.0)))
}

/// Neighbours of one node are one marked piece.
fn pieces(surface: &mut Surface<'_>, fonts: &Fonts, sheet: &Sheet, held: &mut [Held]) {
    for run in sheet.pieces.chunk_by(|a, b| a.node == b.node) {
        let node = run.first().and_then(|piece| piece.node);
        let tag =
            if node.is_some() { ContentTag::Other } else { ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)) };
        let mark = surface.start_tagged(tag);
        run.iter().for_each(|piece| draw(surface, fonts, piece));
        surface.end_tagged();
        if let Some(node) = node.and_then(|node| held.get_mut(node)) {
            node.0.push(Child::Mark(mark));
        }
    }
}

fn fill(color: Color) -> Fill {
    let [red, green, blue] = color;
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn draw(surface: &mut Surface<'_>, fonts: &Fonts, piece: &Piece) {
    surface.set_stroke(None);
    match &piece.drawing {
        Drawing::Text { x, baseline, face, size, color, text } => {
            surface.set_fill(Some(fill(*color)));
            let glyphs = fonts.glyphs(*face, text);
            surface.draw_glyphs(Point::from_xy(*x, *baseline), &glyphs, fonts.font(*face), text, *size, false);
        }
        Drawing::Rect { x, y, width, height, color } => {
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(*x, *y, width.max(0.01), height.max(0.01)) {
                path.push_rect(rect);
            }
            paint(surface, path.finish(), *color);
        }
        Drawing::Dot { x, y, radius, color } => {
            let mut path = PathBuilder::new();
            arc(&mut path, (*x, *y), *radius, 0.0, 1.0);
            path.close();
            paint(surface, path.finish(), *color);
        }
        Drawing::Arc { x, y, radius, width, from, to, color } => {
            let mut path = PathBuilder::new();
            arc(&mut path, (*x, *y), *radius, *from, *to);
            let [red, green, blue] = *color;
            let paint = rgb::Color::new(red, green, blue).into();
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { paint, width: *width, ..Stroke::default() }));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

fn paint(surface: &mut Surface<'_>, path: Option<Path>, color: Color) {
    surface.set_fill(Some(fill(color)));
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

/// An arc out of cubic curves of at most an eighth of a turn.
fn arc(path: &mut PathBuilder, (x, y): (f32, f32), radius: f32, from: f32, to: f32) {
    let turns = (to - from).max(0.0);
    let steps = ((turns * 8.0).ceil() as usize).clamp(1, 9);
    let step = turns / steps as f32 * std::f32::consts::TAU;
    let bend = 4.0 / 3.0 * (step / 4.0).tan() * radius;
    let at = |angle: f32| (x - radius * angle.cos(), y - radius * angle.sin());
    let mut angle = from * std::f32::consts::TAU;
    let (start_x, start_y) = at(angle);
    path.move_to(rounded(start_x), rounded(start_y));
    for _ in 0..steps {
        let (a, b) = (at(angle), at(angle + step));
        let (sin_a, cos_a) = angle.sin_cos();
        let (sin_b, cos_b) = (angle + step).sin_cos();
        let [x1, y1, x2, y2, x3, y3] =
            [a.0 + bend * sin_a, a.1 - bend * cos_a, b.0 - bend * sin_b, b.1 + bend * cos_b, b.0, b.1].map(rounded);
        path.cubic_to(x1, y1, x2, y2, x3, y3);
        angle += step;
    }
}

/// To a hundredth of a point: what a machine's sine does to the last bit reaches no output.
fn rounded(value: f32) -> f32 {
    (value * 100.0).round() / 100.0
}

fn footer(surface: &mut Surface<'_>, fonts: &Fonts, title: &str, page: usize, pages: usize) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
    let number = format!("{page} / {pages}");
    let end = RIGHT - fonts.width(Face::Regular, 7.5, &number);
    for (x, text) in [(LEFT, title), (end, number.as_str())] {
        let text = fonts.drawn(Face::Regular, text).0;
        let drawing = Drawing::Text { x, baseline: BOTTOM + 26.0, face: Face::Regular, size: 7.5, color: MUTED, text };
        draw(surface, fonts, &Piece { drawing, node: None });
    }
    surface.end_tagged();
}

/// Children come after their parents, so going backwards every group is whole when its parent takes it.
fn tree(layout: &Layout, held: Vec<Held>) -> TagTree {
    let mut groups: Vec<Option<TagGroup>> = layout.nodes.iter().map(|_| None).collect();
    for (index, children) in held.into_iter().enumerate().rev() {
        let Some(node) = layout.nodes.get(index) else { continue };
        let mut group = TagGroup::new(kind(&node.role));
        for child in children.0 {
            match child {
                Child::Mark(mark) => group.push(Node::from(mark)),
                Child::Node(at) => groups.get_mut(at).and_then(Option::take).into_iter().for_each(|child| group.push(child)),
            }
        }
        if let Some(slot) = groups.get_mut(index).filter(|_| !group.children.is_empty()) {
            *slot = Some(group);
        }
    }
    let mut tree = TagTree::new();
    groups.into_iter().flatten().for_each(|group| tree.push(group));
    tree
}

fn kind(role: &Role) -> TagKind {
    match role {
        Role::Section => Tag::Section.into(),
        Role::Heading(level, text) => Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(text.clone())).into(),
        Role::Paragraph => Tag::P.into(),
        Role::Figure(text) => Tag::Figure(Some(text.clone())).into(),
        Role::Link => Tag::Link.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::HeadCell => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowCell => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
        Role::Contents => Tag::TOC.into(),
        Role::ContentsItem => Tag::TOCI.into(),
    }
}

fn outline(bookmarks: &[Bookmark]) -> Outline {
    let mut outline = Outline::new();
    let mut section: Option<OutlineNode> = None;
    for bookmark in bookmarks {
        let node = OutlineNode::new(bookmark.title.clone(), destination(bookmark)).with_open(true);
        match section.as_mut() {
            Some(open) if bookmark.level > 1 => open.push_child(node),
            _ => section.replace(node).into_iter().for_each(|done| outline.push_child(done)),
        }
    }
    section.into_iter().for_each(|done| outline.push_child(done));
    outline
}
