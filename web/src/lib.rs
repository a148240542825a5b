//! Pages in Japanese and the programming interface under /api/v1.
