/**
 * AssemblyScript (its own dialect: the project's compiler and linter do not read this file), built by
 * `npm run build:wasm` into dist/wasm. Packed I420 in, planar floats out, eight pixels of two rows at a time.
 *
 * `table` holds floats: the luma factor, V to red, U to green, V to green, U to blue (ITU-R BT.601, limited range), then
 * scale and shift for each of red, green and blue: a value is clamp(colour, 0..255) * scale + shift.
 * `red`, `green` and `blue` are where each plane goes. Width is a multiple of 8, height of 2.
 */
export function convert(packed: usize, table: usize, red: usize, green: usize, blue: usize, width: i32, height: i32): void {
  const pixels = usize(width) * usize(height);
  const halfWidth = usize(width) >> 1;
  for (let row: usize = 0; row < usize(height); row += 2) {
    for (let column: usize = 0; column < usize(width); column += 8) {
      const chroma = packed + pixels + (row >> 1) * halfWidth + (column >> 1);
      const u = centred(v128.load32_zero(chroma));
      const v = centred(v128.load32_zero(chroma + (pixels >> 2)));
      const toRed = f32x4.mul(v, factor(table, 1));
      const toGreen = f32x4.add(f32x4.mul(u, factor(table, 2)), f32x4.mul(v, factor(table, 3)));
      const toBlue = f32x4.mul(u, factor(table, 4));
      for (let at = row * usize(width) + column, end = at + usize(width); at <= end; at += usize(width)) {
        const luma = i16x8.extend_low_i8x16_u(v128.load64_zero(packed + at));
        const left = brightness(i32x4.extend_low_i16x8_u(luma), table);
        const right = brightness(i32x4.extend_high_i16x8_u(luma), table);
        store(red + at * 4, left, right, toRed, factor(table, 5), factor(table, 6));
        store(green + at * 4, left, right, toGreen, factor(table, 7), factor(table, 8));
        store(blue + at * 4, left, right, toBlue, factor(table, 9), factor(table, 10));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function factor(table: usize, index: usize): v128 {
  return v128.load32_splat(table + index * 4);
}

/** Four chroma bytes around zero. */
// @ts-ignore: decorator
@inline
function centred(bytes: v128): v128 {
  const whole = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
  return f32x4.sub(f32x4.convert_i32x4_u(whole), f32x4.splat(128));
}

// @ts-ignore: decorator
@inline
function brightness(luma: v128, table: usize): v128 {
  return f32x4.mul(f32x4.sub(f32x4.convert_i32x4_u(luma), f32x4.splat(16)), factor(table, 0));
}

/** Eight pixels of a plane; each of the four chroma values belongs to two of them. */
// @ts-ignore: decorator
@inline
function store(to: usize, left: v128, right: v128, chroma: v128, scale: v128, shift: v128): void {
  v128.store(to, scaled(f32x4.add(left, v128.shuffle<i32>(chroma, chroma, 0, 0, 1, 1)), scale, shift));
  v128.store(to + 16, scaled(f32x4.add(right, v128.shuffle<i32>(chroma, chroma, 2, 2, 3, 3)), scale, shift));
}

// @ts-ignore: decorator
@inline
function scaled(colour: v128, scale: v128, shift: v128): v128 {
  const clamped = f32x4.min(f32x4.max(colour, f32x4.splat(0)), f32x4.splat(255));
  return f32x4.add(f32x4.mul(clamped, scale), shift);
}
