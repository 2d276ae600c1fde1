import { StandaloneServices } from 'monaco-editor/editor/standalone/browser/standaloneServices.js';
import { InMemoryStorageService } from 'monaco-editor/platform/storage/common/storage.js';

/** Numbers of Monaco's StorageScope and StorageTarget. */
const PROFILE = 0;
const USER = 0;

// What the editor remembers while the window is open. It begins with documentation shown beside completions: who needs it most knows no shortcut.
const storage = new InMemoryStorageService();
storage.store('expandSuggestionDocs', true, PROFILE, USER);
StandaloneServices.initialize({ storageService: storage });
