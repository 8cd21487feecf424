// PHP without a system PHP. A folder that is given is seen inside under the name that goes with it.
import { getPHPLoaderModule } from "@php-wasm/node-7-4";
import { loadPHPRuntime, PHP } from "@php-wasm/universal";

export async function php(folders) {
  const options = { processId: 1, emscriptenOptions: { processId: 1 } };
  const made = new PHP(await loadPHPRuntime(await getPHPLoaderModule(), options));
  for (const [inside, root] of Object.entries(folders)) {
    made.mkdir(inside);
    await made.mount(inside, (_php, FS) => {
      FS.mount(FS.filesystems.NODEFS, { root }, inside);
      return () => FS.unmount(inside);
    });
  }
  return made;
}
