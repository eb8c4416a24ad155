//! Makes one WASM file of several. It knows only what the splitter writes for lazy code: modules
//! that import memory, table and globals, and whose functions reach each other by the table.
use std::convert::Infallible;

use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, EntityType, FunctionSection, ImportSection, Module, TypeSection,
    reencode::{self, Reencode},
};
use wasmparser::{Import, Parser, Payload};

use crate::Result;

/// The sections of the merged module, in the making.
#[derive(Default)]
struct Merged {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    /// The names of the imports, and what kind each is.
    known: Vec<(String, EntityType)>,
}

/// Where the things of one module stand in the merged one.
struct Places {
    types: u32,
    functions: u32,
    globals: Vec<u32>,
}

impl Reencode for Places {
    type Error = Infallible;

    fn type_index(&mut self, index: u32) -> Placed {
        Ok(self.types + index)
    }

    fn function_index(&mut self, index: u32) -> Placed {
        Ok(self.functions + index)
    }

    /// All globals are imported, for a section of own ones is refused before anything uses them.
    fn global_index(&mut self, index: u32) -> Placed {
        Ok(self.globals[index as usize])
    }
}

type Placed = std::result::Result<u32, reencode::Error<Infallible>>;

/// Merges modules; all of them run when the merged one is instantiated.
pub fn merge<'a>(modules: impl Iterator<Item = &'a Vec<u8>>) -> Result<Vec<u8>> {
    let mut merged = Merged::default();
    for module in modules {
        merged.add(module)?;
    }
    let count = DataCountSection { count: merged.data.len() };
    let mut whole = Module::new();
    whole.section(&merged.types).section(&merged.imports).section(&merged.functions);
    whole.section(&merged.elements).section(&count).section(&merged.code).section(&merged.data);
    Ok(whole.finish())
}

/// The size of a module in bytes, without the names that later steps throw away.
pub fn size(module: &[u8]) -> Result<u64> {
    let mut size = 0;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let is_custom = matches!(payload, Payload::CustomSection(_));
        if let Some((_, range)) = payload.as_section()
            && !is_custom
        {
            size += range.end - range.start;
        }
    }
    Ok(size)
}

impl Merged {
    fn add(&mut self, module: &[u8]) -> Result {
        let mut places = Places { types: self.types.len(), functions: self.functions.len(), globals: Vec::new() };
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => places.parse_type_section(&mut self.types, types)?,
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        self.import(import?, &mut places)?;
                    }
                }
                Payload::FunctionSection(functions) => {
                    places.parse_function_section(&mut self.functions, functions)?;
                }
                Payload::ElementSection(elements) => {
                    places.parse_element_section(&mut self.elements, elements)?;
                }
                Payload::DataSection(data) => places.parse_data_section(&mut self.data, data)?,
                Payload::CodeSectionEntry(body) => {
                    places.parse_function_body(&mut self.code, body)?;
                }
                Payload::Version { .. }
                | Payload::CustomSection(_)
                | Payload::DataCountSection { .. }
                | Payload::CodeSectionStart { .. }
                | Payload::End(_) => {}
                // The splitter writes sections that are empty.
                Payload::TableSection(tables) if tables.count() == 0 => {}
                Payload::MemorySection(memories) if memories.count() == 0 => {}
                Payload::GlobalSection(globals) if globals.count() == 0 => {}
                Payload::ExportSection(exports) if exports.count() == 0 => {}
                other => return Err(format!("lazy code cannot be merged: {other:?}").into()),
            }
        }
        Ok(())
    }

    /// Memory and table are the same in all modules; a global gets its place by its name.
    fn import(&mut self, import: Import, places: &mut Places) -> Result {
        let kind = places.entity_type(import.ty)?;
        if matches!(kind, EntityType::Function(_) | EntityType::FunctionExact(_) | EntityType::Tag(_)) {
            return Err(format!("lazy code cannot be merged: it imports {}", import.name).into());
        }
        let is_known = self.known.iter().any(|(name, _)| name == import.name);
        if !is_known {
            self.imports.import(import.module, import.name, kind);
            self.known.push((import.name.to_owned(), kind));
        }
        if let EntityType::Global(_) = kind {
            let globals = self.known.iter().filter(|(_, k)| matches!(k, EntityType::Global(_)));
            let place = globals.map(|(name, _)| name).position(|name| name == import.name);
            places.globals.push(u32::try_from(place.expect("it is known by now"))?);
        }
        Ok(())
    }
}
